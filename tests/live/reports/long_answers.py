# SPDX-License-Identifier: Apache-2.0
"""What decides the status of an answer stands at its end, behind more than is captured."""
import os
import signal

from weft_harness import case, databases, otlp, pgwire, wire
from weft_harness.report import expect

_ROWS = "select 1/(1500-i), repeat('x', 20) from generate_series(1,2000) i"
_COUNT = "select 1/(2001-i), repeat('x', 20) from generate_series(1,2000) i"


def _queries(server):
    def work():
        connection = pgwire.Connection(server)
        connection.ask(pgwire.query(_ROWS))
        connection.ask(pgwire.query(_COUNT))
        connection.ask(pgwire.query(f"copy ({_ROWS}) to stdout"))
        connection.ask(pgwire.parse("", _ROWS), pgwire.bind("", ""), pgwire.execute(), pgwire.SYNC)
        connection.ask(pgwire.query("set statement_timeout = 300"))
        connection.ask(pgwire.query("select repeat('x', 20), pg_sleep(0.0002) from "
                                    "generate_series(1, 1000000)"))
        connection.ask(pgwire.query("select 1 as last"))
        return 0
    return work


# In the order they are sent.
_TOLD = ["22012", None, "22012", "22012", None, "57014", None]


@case.case
def postgresql_fails_behind_many_rows(c):
    server = databases.postgres(c.group)
    with c.agent() as tracer:
        pid = c.client(_queries(server))
        tracer.wait_spans(lambda spans: any("last" in s.attributes.get("db.query.text", "")
                                            for s in spans if s.is_server))
    for kind, mine in ((otlp.CLIENT, lambda s: s.pid == pid), (otlp.SERVER, server.is_mine)):
        spans = sorted((s for s in tracer.spans() if s.kind == kind and mine(s)),
                       key=lambda s: s.start)
        told = [s.attributes.get("db.response.status_code") for s in spans]
        expect(told == _TOLD, f"kind {kind}: {told} instead of {_TOLD}")
        unseen = [s for s in spans if "weft.outcome" in s.attributes]
        expect(not unseen, f"kind {kind}: {len(unseen)} of unknown outcome")


@case.case
def postgresql_ends_amid_many_rows(c):
    """A backend that is terminated says so; one that is killed says nothing."""
    server = databases.postgres(c.group)

    def reading(end):
        def work():
            connection = pgwire.Connection(server)
            rows = connection.ask(pgwire.query("select pg_backend_pid()"))
            backend = int(next(body for kind, body in rows if kind == b"D")[6:])
            connection.send(pgwire.query("select repeat('x', 99), pg_sleep(0.0001), "
                                         "generate_series(1, 1000000)"))
            for _ in range(1000):  # more than is captured
                connection.answer()
            end(backend)
            try:
                connection.ready()
            except (EOFError, ConnectionError):
                return 0
            return 1
        return work

    with c.agent() as tracer:
        terminated = c.client(reading(lambda backend: os.kill(backend, signal.SIGTERM)))
        killed = c.client(reading(lambda backend: os.kill(backend, signal.SIGKILL)))
    for pid, wanted in ((terminated, ("57P01",)), (killed, ("connection_closed",
                                                            "connection_reset"))):
        span = max((s for s in tracer.spans() if s.pid == pid), key=lambda s: s.start)
        found = span.attributes.get("error.type")
        expect(found in wanted and span.status == otlp.ERROR, f"{found!r} instead of {wanted}")


def _resp(*words):
    return f"*{len(words)}\r\n".encode() + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in
                                                    (word.encode() for word in words))


class _RedisAnswers:
    """Reads whole replies; what of them is an error is counted."""

    def __init__(self, conn):
        self._file = conn.makefile("rb")

    def errors(self):
        line = self._file.readline()
        if line[:1] == b"$" and line != b"$-1\r\n":
            self._file.read(int(line[1:]) + 2)
        inner = int(line[1:]) if line[:1] == b"*" else 0
        return (line[:1] == b"-") + sum(self.errors() for _ in range(inner))


@case.case
def redis_fails_behind_many_values(c):
    """A transaction whose last answer is an error, behind 5 000 values; and one that has none."""
    server = databases.redis(c.group)
    transactions = (("incr list", 1), ("llen list", 0)) * 8

    def work():
        with wire.connect_port(server.port) as conn:
            answers = _RedisAnswers(conn)
            conn.sendall(_resp("rpush", "list", *(f"value {n}" for n in range(5000))))
            answers.errors()
            for last, expected in transactions:
                found = 0
                for words in ("multi", "lrange list 0 -1", last, "exec"):
                    conn.sendall(_resp(*words.split()))
                    found += answers.errors()
                if found != expected:
                    return 1
        return 0

    with c.agent() as tracer:
        pid = c.client(work)
    wanted = ["WRONGTYPE" if errors else None for _, errors in transactions]
    for kind, mine in ((otlp.CLIENT, pid), (otlp.SERVER, server.proc.pid)):
        spans = sorted((s for s in tracer.spans()
                        if (s.kind, s.pid, s.name) == (kind, mine, "EXEC")), key=lambda s: s.start)
        told = ["unseen" if "weft.outcome" in s.attributes else s.attributes.get("error.type")
                for s in spans]
        # More is asked for once an answer was longer than what is captured, which takes a while.
        right = [t if t == "unseen" else w for t, w in zip(told, wanted)]
        expect(len(told) == len(wanted) and told == right and told[-1] == wanted[-1],
               f"kind {kind}: {told} instead of {wanted}")


def _chunks(conn):
    """Answers in chunks of 20 000 bytes, sent in one call, read in as few as they come in."""
    reader = wire.Reader(conn)
    chunk = b"4e20\r\n" + b"x" * 20000 + b"\r\n"
    while reader.message():
        conn.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + 3 * chunk +
                     b"0\r\n\r\n")


@case.case
def http_chunks_end_with_the_last_one(c):
    """A chunked answer longer than what is captured is over when it is, not at the next request."""
    asked = wire.request_bytes("/chunks")
    with c.agent() as tracer:
        listener, server = c.server(_chunks)
        with wire.connect(listener) as conn:
            conn.sendall(asked)
            reader = wire.Reader(conn)
            reader.until(b"\r\n0\r\n\r\n")
            spans = tracer.wait_spans(lambda found: {os.getpid(), server} <= {
                s.pid for s in found if s.path == "/chunks"})
            told = {s.pid for s in spans if s.path == "/chunks"}
            expect(told == {os.getpid(), server}, f"told while the connection is kept: {told}")
