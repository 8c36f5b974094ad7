# SPDX-License-Identifier: Apache-2.0
"""A backend that is away: what the agent says of it, and that a killed agent's spans come."""
import time

from weft_harness import agent, case, procs, wire
from weft_harness.case import expect

from .own_connections import Receiver

REQUESTS = [f"/kept/{n}" for n in range(50)]


def exporters(c, tracer):
    code, out, err = agent.run_weft(c.weft, "exporters", "--admin", f"127.0.0.1:{tracer.admin_port}")
    expect(code == 0, f"weft exporters ended with {code}: {err}")
    row = [line for line in out.splitlines() if line.split()[:1] == ["otlp_http"]]
    expect(row, f"the running exporter is not listed: {out[-500:]}")
    return row[-1]


def queued(c, port, name):
    """An agent whose spans wait on the disk for a receiver at the port."""
    return agent.Agent(c.group, c.weft, ["--disk-queue", str(c.group.work / "queue")], name=name,
                       exporter=f"otlp_http:endpoint=http://127.0.0.1:{port}/v1/traces")


@case.case
def spans_of_a_killed_agent_come_later(c):
    """Nobody takes its spans, then it is killed: the next agent sends them."""
    with wire.listen() as nobody:
        port = nobody.getsockname()[1]
    listener, _ = c.server()
    first = queued(c, port, "first").start()
    c.client(case.ask_all(listener, REQUESTS))
    failing = procs.wait_until(lambda: "failing" in exporters(c, first), 10.0)
    expect(failing, f"nobody answers, and the agent says: {exporters(c, first)}")
    expect(first.status()["exporters"][0]["stored"] >= len(REQUESTS), "its spans are not on the disk")
    time.sleep(1.0)
    first.kill()
    receiver = Receiver(c)
    with queued(c, receiver.listener.getsockname()[1], "second") as second:
        came = procs.wait_until(lambda: all(receiver.has(p.encode()) for p in REQUESTS), 15.0)
        expect(came, "the next agent did not send what the killed one left")
        working = procs.wait_until(lambda: "working" in exporters(c, second), 5.0)
        expect(working, f"all is well, and the agent says: {exporters(c, second)}")
