# SPDX-License-Identifier: Apache-2.0
"""One run of load with or without the agent, and what it cost whom."""
import dataclasses
import http.client
import pathlib
import statistics
import subprocess
import time

from weft_harness import agent, bpf, procs, programs

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Load:
    requests: int
    seconds: float
    p99_us: float
    errors: int
    server_cpu: float  # seconds


@dataclasses.dataclass
class AgentCost:
    cpu: float  # seconds during the load and until its events were dealt with
    rss: int    # bytes after the load
    maps: int   # bytes of kernel memory
    spans: int
    losses: dict


def drive(server, seconds):
    """wrk for so many seconds, and the server's CPU time meanwhile."""
    argv = [programs.need("wrk"), "-t1", f"-c{server.connections}", f"-d{seconds}s", "--latency",
            "-s", HERE / "summary.lua", f"http://127.0.0.1:{server.port}{server.path}"]
    before = procs.cpu_seconds(server.pids())
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False)
    cpu = procs.cpu_seconds(server.pids()) - before
    figures = [line.split() for line in done.stdout.splitlines() if line.startswith("figures ")]
    if done.returncode != 0 or not figures:
        raise RuntimeError(f"wrk: {done.stdout[-300:]}{done.stderr[-300:]}")
    _, requests, duration, p99, errors = figures[0]
    return Load(int(requests), float(duration), float(p99), int(errors), cpu)


def targets(server):
    """Flags that trace the server alone: the load generator stands for another host."""
    return ["--pid", str(server.proc.pid)]


def drive_traced(group, weft, server, seconds, flags):
    """The same under a fresh agent; exporter null, so that only the tracing is measured."""
    tracer = agent.Agent(group, weft, [*flags, *targets(server)], exporter="null")
    with tracer:
        time.sleep(0.3)
        before = procs.cpu_seconds([tracer.pid])
        load = drive(server, seconds)
        time.sleep(0.5)  # the last events
        cpu = procs.cpu_seconds([tracer.pid]) - before
        status = tracer.status()
        losses = {f"{row['where']}.{row['cause']}": row["count"]
                  for row in status["losses"] if row["count"]}
        cost = AgentCost(cpu, procs.rss_bytes(tracer.pid), bpf.map_bytes(tracer.pid),
                         status["emitted"], losses)
    return load, cost


def first_span(group, weft, server, flags):
    """Seconds from the agent's start to its first span on disk, under a steady trickle."""
    out = group.work / "first.jsonl"
    out.unlink(missing_ok=True)
    tracer = agent.Agent(group, weft, [*flags, *targets(server)], name="first",
                         exporter=f"otlp_file:path={out},schedule_delay=10")
    conn = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        tracer.launch()
        begin = time.monotonic()
        while time.monotonic() - begin < 20:
            conn.request("GET", server.path)
            conn.getresponse().read()
            if out.exists() and out.stat().st_size:
                return time.monotonic() - begin
            if tracer.proc.poll() is not None:
                raise agent.AgentError(tracer.proc.returncode, procs.tail(tracer.proc))
            time.sleep(0.003)
        raise RuntimeError("no span within 20 s of the agent's start")
    finally:
        conn.close()
        tracer.stop()


def spread(values):
    """[smallest, largest]."""
    return [round(min(values), 3), round(max(values), 3)]


def median(values, digits=3):
    return round(statistics.median(values), digits)
