# SPDX-License-Identifier: Apache-2.0
"""Cases: named functions that get a Context, and pass, fail or skip."""
import os
import socket
import time

from . import agent, otlp, procs, wire
from .report import expect

CASES = {}


def case(function):
    """Registers a case under its function's name."""
    CASES[function.__name__] = function
    return function


class Context:
    """What a case has at hand; everything it starts ends with it."""

    def __init__(self, group, weft, flags=()):
        self.group = group
        self.weft = weft
        self.flags = list(flags)
        self._agents = 0

    def agent(self, *flags, **options):
        """An agent, not started; use with `with`. options: agent.Agent's."""
        self._agents += 1
        return agent.Agent(self.group, self.weft, [*self.flags, *flags],
                           name=f"agent{self._agents}", **options)

    def fork(self, work):
        return self.group.fork(work)

    def server(self, handle=wire.answer_all, family=socket.AF_INET, address=("127.0.0.1", 0)):
        """(listener, pid) of a forked process that serves connections one after the other."""
        listener = wire.listen(family, address)
        return listener, self.fork(lambda: wire.serve(listener, handle))

    def client(self, work):
        """Runs work() in a forked process and waits; fails when it fails. Returns its pid."""
        pid = self.fork(work)
        code = self.group.reap(pid, 60)
        expect(code == 0, f"the client process ended with {code}")
        return pid


def ask_all(listener, paths, **kw):
    """Client work: every path on one kept connection."""
    def work():
        with wire.connect(listener) as conn:
            for path in paths:
                if wire.ask(conn, path, **kw)[0] != 200:
                    return 1
        return 0
    return work


def paths_of(spans, kind, pid):
    """Paths of a process's spans of one kind, in the order they started."""
    mine = [s for s in spans if s.kind == kind and s.pid == pid]
    return [s.path for s in sorted(mine, key=lambda s: s.start)]


def expect_paths(spans, server, client, paths):
    """Each path once on either side, in order; server spans under their client's."""
    for kind, pid, name in ((otlp.SERVER, server, "server"), (otlp.CLIENT, client, "client")):
        if pid is None:
            continue
        found = paths_of(spans, kind, pid)
        expect(sorted(found) == sorted(paths), f"{name} spans {shorten(found)} instead of "
                                               f"{shorten(paths)}")
        bad = [s for s in spans if s.kind == kind and s.pid == pid and s.code != 200]
        expect(not bad, f"status is not 200: {bad[:1]}")
    if server is not None and client is not None:
        expect_joined(spans, server, client)


def expect_joined(spans, server, client):
    """Every server span of the one process is the child of the other's span of that path."""
    index = otlp.Index(spans)
    for span in spans:
        if span.is_server and span.pid == server:
            above = index.parent(span)
            expect(above is not None, f"{span}: no parent")
            expect(above.is_client and above.pid == client and above.path == span.path,
                   f"{span}: wrong parent {above}")


def only(spans, kind, pid, path=None):
    """The one span of a process and kind."""
    mine = [s for s in spans if s.kind == kind and s.pid == pid and path in (None, s.path)]
    side = "server" if kind == otlp.SERVER else "client"
    expect(len(mine) == 1, f"{len(mine)} {side} spans instead of 1: {[str(s) for s in mine[:3]]}")
    return mine[0]


def expect_error(span):
    """Ended by a failure of transport: no status code, an error with a type."""
    expect(span.status == otlp.ERROR and span.attributes.get("error.type"),
           f"{span}: not marked as failed (status {span.status}, error.type "
           f"{span.attributes.get('error.type')!r})")
    expect(span.code is None, f"{span}: a status code although none was sent")


def shorten(paths):
    return paths if len(paths) <= 10 else f"{len(paths)} ({', '.join(paths[:5])}, …)"


def steady_load(listener, log, pause=0.0):
    """Client work: numbered requests until SIGTERM; the count of good ones goes to `log`."""
    def work():
        number = 0
        with wire.connect(listener) as conn:
            while True:
                status, body = wire.ask(conn, f"/load/{number}")
                if (status, body) != (200, b"ok\n"):
                    return 1
                number += 1
                os.pwrite(log, b"%d\n" % number, 0)
                time.sleep(pause)
    return work


def load_count(log):
    return int(os.pread(log, 20, 0).split(b"\n")[0] or 0)


def wait_more(log, count, timeout=10.0):
    """Waits for `count` more requests of a steady load; False when they do not come."""
    target = load_count(log) + count
    return bool(procs.wait_until(lambda: load_count(log) >= target, timeout))
