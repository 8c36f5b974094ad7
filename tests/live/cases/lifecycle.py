# SPDX-License-Identifier: Apache-2.0
"""Agents and processes that come and go at inconvenient times."""
import os
import signal
import subprocess
import tempfile
import time

from weft_harness import bpf, case, otlp, procs, wire
from weft_harness.case import expect, wait_more

MEGABYTE = 1 << 20


@case.case
def connection_opened_before_the_agent(c):
    """Traced from its next message on."""
    listener, server = c.server()
    go, start = os.pipe()

    def work():
        with wire.connect(listener) as conn:
            wire.ask(conn, "/before")
            os.read(go, 1)
            for number in range(3):
                wire.ask(conn, f"/after/{number}")
        return 0

    client = c.fork(work)
    time.sleep(0.3)
    with c.agent() as tracer:
        os.write(start, b".")
        expect(c.group.reap(client) == 0, "the client failed")
    case.expect_paths(tracer.spans(), server, client, [f"/after/{n}" for n in range(3)])


@case.case
def process_started_after_the_agent(c):
    """Traced from its first request, even when it lives for that one alone."""
    with c.agent() as tracer:
        listener, _ = c.server()
        port = listener.getsockname()[1]
        for number in range(5):
            subprocess.run(["curl", "-sS", "-o", "/dev/null", f"http://127.0.0.1:{port}/{number}"],
                           check=True)
    spans = [s for s in tracer.spans() if s.attributes.get("server.port") == port]
    served = sorted(s.path for s in spans if s.is_server)
    expect(served == [f"/{n}" for n in range(5)], f"server spans {served}")
    sent = sorted(s.path for s in spans if s.is_client)
    expect(sent == served, f"client spans {sent}")


@case.case
def agent_restarted_under_load(c):
    """The load notices nothing; each agent traces it, no request twice.

    An agent that ends amid a request may have told its server's span: then its client's span
    is told too, marked incomplete, of which no path is known.
    """
    listener, server = c.server()
    with tempfile.TemporaryFile() as file:
        log = file.fileno()
        client = c.fork(case.steady_load(listener, log, pause=0.001))
        spans = []
        for _ in range(3):
            with c.agent() as tracer:
                expect(wait_more(log, 100), "the load stopped")
            spans.append(tracer.spans())
        expect(wait_more(log, 50), "the load stopped after the last agent")
        os.kill(client, signal.SIGTERM)
    for number, mine in enumerate(spans):
        count = len(case.paths_of(mine, otlp.SERVER, server))
        amid = [s for s in mine if s.incomplete]
        expect(len(amid) <= 1, f"agent {number + 1} told {len(amid)} requests as incomplete: {amid}")
        expect(count >= 100, f"agent {number + 1} saw {count} requests of 100 or more")
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        paths = [p for mine in spans for p in case.paths_of(mine, kind, pid) if p]
        twice = sorted({p for p in paths if paths.count(p) > 1})
        expect(not twice, f"twice: {twice}")
    for mine in spans:
        _expect_no_stranger(mine, server)


def _expect_no_stranger(spans, server):
    index = otlp.Index(spans)
    for span in spans:
        above = index.parent(span)
        if span.is_server and span.pid == server and above and not above.incomplete:
            expect(above.path == span.path, f"{span}: wrong parent {above}")


@case.case
def process_killed_mid_request(c):
    """Its span, and its client's, end with an error."""
    def never(conn):
        wire.Reader(conn).message()
        time.sleep(60)

    with c.agent() as tracer:
        listener, server = c.server(never)

        def give_up():
            with wire.connect(listener) as conn:
                try:
                    wire.ask(conn, "/killed")
                except ConnectionError:
                    return 0
            return 1

        client = c.fork(give_up)
        time.sleep(0.5)
        os.kill(server, signal.SIGKILL)
        listener.close()
        expect(c.group.reap(client) == 0, "the client was answered")
    case.expect_error(case.only(tracer.spans(), otlp.SERVER, server))
    case.expect_error(case.only(tracer.spans(), otlp.CLIENT, client))


@case.case
def agent_killed_under_load(c):
    """SIGKILL of the agent leaves answers intact and nothing attached."""
    listener, _ = c.server()
    with tempfile.TemporaryFile() as file:
        log = file.fileno()
        client = c.fork(case.steady_load(listener, log))
        tracer = c.agent().start()
        held = {kind: set(bpf.held_by(tracer.pid, kind)) for kind in ("prog", "map", "link")}
        expect(held["prog"], "the agent holds no program")
        expect(wait_more(log, 200), "the load stopped")
        tracer.kill()
        expect(wait_more(log, 500), "the load stopped when the agent was killed")
        for kind, mine in held.items():
            gone = procs.wait_until(lambda k=kind, m=mine: not m & bpf.ids(k), 10, 0.2)
            expect(gone, f"{kind} left behind: {sorted(mine & bpf.ids(kind))}")
        os.kill(client, signal.SIGTERM)
        expect(c.group.reap(client) == -signal.SIGTERM, "the load met a wrong answer")


@case.case
def clean_stop_leaves_nothing(c):
    """SIGTERM and SIGINT: exit 0, spans flushed, nothing attached."""
    listener, server = c.server()
    for sig in (signal.SIGTERM, signal.SIGINT):
        tracer = c.agent().start()
        held = set(bpf.held_by(tracer.pid, "prog"))
        expect(held, "the agent holds no program")
        c.client(case.ask_all(listener, ["/one", "/two"]))
        time.sleep(0.3)
        code = c.group.stop(tracer.proc, sig, timeout=15)
        expect(code == 0, f"exit code {code} after {sig.name}: {procs.tail(tracer.proc)}")
        paths = case.paths_of(tracer.spans(), otlp.SERVER, server)
        expect(paths == ["/one", "/two"], f"spans after {sig.name}: {paths}")
        expect(procs.wait_until(lambda h=held: not h & bpf.ids("prog"), 10, 0.2),
               "programs left behind")


@case.case
def fork_storm(c):
    """1000 processes, twice: the agent's memory stays flat."""
    listener, server = c.server()
    with c.agent() as tracer:
        sizes = []
        for _ in range(3):
            _storm(1000)
            time.sleep(1.0)
            sizes.append(procs.rss_bytes(tracer.pid))
        c.client(case.ask_all(listener, ["/after"]))
    growth = sizes[2] - sizes[1]
    expect(growth < 2 * MEGABYTE, f"RSS grew by {growth >> 10} KB in 1000 processes "
                                  f"({[size >> 10 for size in sizes]} KB)")
    expect(case.paths_of(tracer.spans(), otlp.SERVER, server) == ["/after"],
           "the request after the storm was not seen")


def _storm(count):
    """Half fork and end, half also exec."""
    true = procs.which("true")
    pids = []
    for number in range(count):
        if number % 2:
            pids.append(os.posix_spawn(true, [true], {}))
        elif (pid := os.fork()) == 0:
            os._exit(0)
        else:
            pids.append(pid)
        if len(pids) == 50:
            while pids:
                os.waitpid(pids.pop(), 0)
