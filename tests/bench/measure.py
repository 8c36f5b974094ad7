# SPDX-License-Identifier: Apache-2.0
"""One run of load with or without the agent, and what it cost whom."""
import dataclasses
import functools
import math
import os
import resource
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
    server_cpu: float = 0.0   # seconds
    machine_cpu: float = 0.0  # seconds of all processes and interrupts
    foreign: float = 0.0      # of these, in cores, what neither server, load nor agent took

    @property
    def rate(self):
        return self.requests / self.seconds

    @property
    def cpu_per_request(self):
        return self.server_cpu / self.requests

    @property
    def machine_cpu_per_request(self):
        return self.machine_cpu / self.requests


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
    plain: Load  # the mean of the runs without an agent before and after
    traced: tuple
    baseline: tuple | None = None
    sdk: Load | None = None  # of the server with the OpenTelemetry SDK, without an agent

    def __str__(self):
        load, cost = self.traced
        text = (f"{self.plain.rate:,.0f} → {load.rate:,.0f} requests/s, {cost.spans} spans, "
                f"agent {cost.cpu:.2f} s")
        text += f", baseline {self.baseline[0].rate:,.0f}" if self.baseline else ""
        return text + (f", SDK {self.sdk.rate:,.0f}" if self.sdk else "")


def between(first, second):
    """The mean of two runs."""
    return Load(**{field.name: (getattr(first, field.name) + getattr(second, field.name)) / 2
                   for field in dataclasses.fields(Load)})


def _machine_cpu():
    """Seconds of all processors that were not idle."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _, _, irq, softirq = map(int, f.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _own_cpu():
    """Of this process, and of the load generators that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _cpu(server):
    """(of the server, of all that was started here, of the machine), in seconds."""
    pids = server.pids()
    known = procs.cpu_seconds({*pids, *procs.children(os.getpid())}) + _own_cpu()
    return procs.cpu_seconds(pids), known, _machine_cpu()


def drive(server, seconds):
    """About so many seconds of the server's load, and the CPU time meanwhile."""
    server.prepare()
    return _prepared(server, seconds)


def _prepared(server, seconds):
    before, begin = _cpu(server), time.monotonic()
    load = server.load(seconds)
    lasted = time.monotonic() - begin
    of_server, known, machine = (now - then for now, then in zip(_cpu(server), before))
    return dataclasses.replace(load, server_cpu=of_server, machine_cpu=machine,
                               foreign=max(0, machine - known) / lasted)


def _tracer(group, weft, server, flags):
    """Not started; exporter null unless the server names one, so that only the tracing is
    measured."""
    return agent.Agent(group, weft, [*flags, *server.targets()],
                       exporter=getattr(server, "exporter", "null"),
                       budget=_budget(weft, server))


def _budget(weft, server):
    """Everything a span, unless the scenario says otherwise; an older agent knows no budget."""
    return getattr(server, "budget", "off") if _knows_budget(weft) else None


@functools.cache
def _knows_budget(weft):
    return "--budget" in agent.run_weft(weft, "run", "--help")[1]


def drive_traced(group, weft, server, seconds, flags):
    """The same under a fresh agent."""
    with _tracer(group, weft, server, flags) as tracer:
        time.sleep(0.3)
        server.prepare()
        before, resident = procs.cpu_clock(tracer.pid), procs.rss_bytes(tracer.pid)
        load = _prepared(server, seconds)
        time.sleep(0.5 if load.requests else 0)  # the last events
        cpu = procs.cpu_clock(tracer.pid) - before
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
        server.prepare()
        before = kernel.runs(tracer.pid)
        load = _prepared(server, seconds)
        return kernel.per_request(before, kernel.runs(tracer.pid), load.requests)


def first_span(group, weft, server, flags):
    """Seconds from the agent's start to its first span on disk, under a steady trickle; waits
    its turn while another agent runs."""
    out = group.work / "first.jsonl"
    tracer = agent.Agent(group, weft, [*flags, *server.targets()], name="first",
                         exporter=f"otlp_file:path={out},schedule_delay=10",
                         budget=_budget(weft, server))
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


def spread(values, digits=3):
    """[smallest, largest]."""
    return [round(min(values), digits), round(max(values), digits)]


def median(values, digits=3):
    return round(statistics.median(values), digits)


def quantile(values, part):
    """The value that so large a part of them does not exceed."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
