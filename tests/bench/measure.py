# SPDX-License-Identifier: Apache-2.0
"""One run of load with or without the agent, and what it cost whom."""
import dataclasses
import math
import statistics
import time

from weft_harness import agent, bpf, procs
import kernel


@dataclasses.dataclass
class Load:
    requests: int  # or transactions, commits: what the load counts
    seconds: float
    p99_us: float
    errors: int
    server_cpu: float = 0.0  # seconds

    @property
    def rate(self):
        return self.requests / self.seconds

    @property
    def cpu_per_request(self):
        return self.server_cpu / self.requests


@dataclasses.dataclass
class AgentCost:
    cpu: float  # seconds during the load and until its events were dealt with
    rss: int    # bytes after the load
    grown: int  # of that, bytes since the load began
    maps: int   # bytes of kernel memory
    spans: int
    losses: dict


@dataclasses.dataclass
class Round:
    """Runs that are compared with each other; of an agent: (Load, AgentCost)."""
    plain: Load
    traced: tuple
    baseline: tuple | None = None

    def __str__(self):
        load, cost = self.traced
        text = (f"{self.plain.rate:,.0f} → {load.rate:,.0f} requests/s, {cost.spans} spans, "
                f"agent {cost.cpu:.2f} s")
        return text + (f", baseline {self.baseline[0].rate:,.0f}" if self.baseline else "")


def drive(server, seconds):
    """About so many seconds of the server's load, and the server's CPU time meanwhile."""
    server.prepare()
    before = procs.cpu_seconds(server.pids())
    load = server.load(seconds)
    return dataclasses.replace(load, server_cpu=procs.cpu_seconds(server.pids()) - before)


def _tracer(group, weft, server, flags):
    """Not started; exporter null, so that only the tracing is measured."""
    return agent.Agent(group, weft, [*flags, *server.targets()], exporter="null")


def drive_traced(group, weft, server, seconds, flags):
    """The same under a fresh agent."""
    with _tracer(group, weft, server, flags) as tracer:
        time.sleep(0.3)
        before, resident = procs.cpu_seconds([tracer.pid]), procs.rss_bytes(tracer.pid)
        load = drive(server, seconds)
        time.sleep(0.5)  # the last events
        cpu = procs.cpu_seconds([tracer.pid]) - before
        status = tracer.status()
        losses = {f"{row['where']}.{row['cause']}": row["count"]
                  for row in status["losses"] if row["count"]}
        rss = procs.rss_bytes(tracer.pid)
        cost = AgentCost(cpu, rss, rss - resident, bpf.map_bytes(tracer.pid), status["emitted"],
                         losses)
    return load, cost


def kernel_cost(group, weft, server, seconds, flags):
    """{program: kernel.Runs} of one request, from a run of its own: counting costs time."""
    with kernel.statistics(), _tracer(group, weft, server, flags) as tracer:
        time.sleep(0.3)
        before = kernel.runs(tracer.pid)
        load = drive(server, seconds)
        return kernel.per_request(before, kernel.runs(tracer.pid), load.requests)


def first_span(group, weft, server, flags):
    """Seconds from the agent's start to its first span on disk, under a steady trickle; waits
    its turn while another agent runs."""
    out = group.work / "first.jsonl"
    tracer = agent.Agent(group, weft, [*flags, *server.targets()], name="first",
                         exporter=f"otlp_file:path={out},schedule_delay=10")
    for _ in range(120):
        out.unlink(missing_ok=True)
        try:
            tracer.launch()
            return _until_written(out, tracer, server)
        except agent.AgentError as error:
            if error.code != agent.ALREADY_RUNNING:
                raise
            time.sleep(1)
        finally:
            tracer.stop(settle=0)
    raise RuntimeError("another agent traces this host")


def _until_written(out, tracer, server):
    begin = time.monotonic()
    while time.monotonic() - begin < 20:
        server.touch()
        if out.exists() and out.stat().st_size:
            return time.monotonic() - begin
        if tracer.proc.poll() is not None:
            raise agent.AgentError(tracer.proc.returncode, procs.tail(tracer.proc))
        time.sleep(0.003)
    raise RuntimeError("no span within 20 s of the agent's start")


def spread(values):
    """[smallest, largest]."""
    return [round(min(values), 3), round(max(values), 3)]


def median(values, digits=3):
    return round(statistics.median(values), digits)


def quantile(values, part):
    """The value that so large a part of them does not exceed."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
