# SPDX-License-Identifier: Apache-2.0
"""What doctor and status say of the engines that run here."""
import json

from weft_harness import agent, case, databases, procs
from weft_harness.case import expect

COMMITS = 20


@case.case
def engine_probes(c):
    """doctor finds a server's functions; how often they are called, the agent says."""
    server = databases.postgres(c.group)
    server.query("create table t(n int)")
    server.calm()
    before = _of_server(server, _doctor(c)["probes"])
    flush = before["XLogFlush"]
    expect(flush["probed"] and flush["has_flushes"] and flush["direct_calls"] > 0, f"found {flush}")
    expect("hits" not in flush, f"nobody counts, yet: {flush}")
    with c.agent() as tracer:
        for n in range(COMMITS):
            server.query(f"insert into t values ({n})")

        def counted():
            return _hits(server, tracer.status()["probes"]) >= COMMITS
        expect(procs.wait_until(counted, 5), f"status: {tracer.status()['probes']}")
        _expect_agrees(c, server, tracer)


def _expect_agrees(c, server, tracer):
    """doctor and /metrics tell what the agent has counted."""
    admin = f"127.0.0.1:{tracer.admin_port}"
    hits = _hits(server, _doctor(c, "--admin", admin)["probes"])
    expect(hits >= COMMITS, f"doctor has {hits} hits from the agent")
    metrics = tracer.get("/metrics")[1]
    series = (f'weft_engine_probe_hits_total{{engine="postgresql",'
              f'binary="{_binary(server)}",probe="XLogFlush"}}')
    expect(series in metrics, f"/metrics lacks {series}")
    text = agent.run_weft(c.weft, "doctor", "--admin", admin)[1]
    expect(f"Engine postgresql, {_binary(server)}\n" in text, f"doctor prints {text}")


def _doctor(c, *flags):
    """Of an agent that happens to run elsewhere nothing is asked."""
    flags = flags or ("--admin", "off")
    code, out, stderr = agent.run_weft(c.weft, "doctor", "--json", *flags)
    expect(code == 0, f"doctor ends with {code}: {stderr}")
    return json.loads(out)


def _binary(server):
    return server.program("postgres")


def _of_server(server, probes):
    return {s["probe"]: s for s in probes
            if s["target"] == "postgresql" and s["binary"] == _binary(server)}


def _hits(server, probes):
    return _of_server(server, probes)["XLogFlush"]["hits"]
