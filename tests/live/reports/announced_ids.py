# SPDX-License-Identifier: Apache-2.0
"""One traceparent sent with several requests: a batch job, a comment in SQL."""
import secrets

from weft_harness import case, databases, otlp, wire
from weft_harness.case import expect


class Announced:
    def __init__(self):
        self.trace, self.span = secrets.token_hex(16), secrets.token_hex(8)
        self.value = f"00-{self.trace}-{self.span}-01"
        self.header = f"traceparent: {self.value}"


def _expect_one_takes_it(spans, announced, count):
    """The client's spans: one is the announced one, the others are below it."""
    expect(len(spans) == count, f"{len(spans)} client spans instead of {count}")
    ids = {s.span_id for s in spans}
    expect(len(ids) == count, f"ids {[str(s) for s in spans]}")
    expect(announced.span in ids, "no span has the id that was announced")
    for span in spans:
        expect(span.trace_id == announced.trace, f"{span}: another trace than the header's")
        if span.span_id != announced.span:
            expect((span.parent_id, span.correlation) == (announced.span, "header"),
                   f"{span}: not below the announced one")


def _client_spans(spans, pid, paths):
    return [s for s in spans if s.is_client and s.pid == pid and s.path in paths]


@case.case
def announced_by_a_batch_job(c):
    """Three requests in turn, three at once: each server span is below its own client's."""
    listener, server = c.server()
    other, second = c.server()
    in_turn, at_once = Announced(), Announced()

    def work():
        with wire.connect(listener) as conn:
            for number in range(3):
                wire.ask(conn, f"/turn/{number}", headers=[in_turn.header])
        return 0

    def together():
        conns = [wire.connect(to) for to in (listener, other)]
        for number, conn in enumerate(conns):
            conn.sendall(wire.request_bytes(f"/once/{number}", headers=[at_once.header]))
        for conn in conns:
            wire.answered(wire.Reader(conn))
            conn.close()
        return 0

    with c.agent() as tracer:
        first = c.client(work)
        both = c.client(together)
    spans = tracer.spans()
    turns, onces = [f"/turn/{n}" for n in range(3)], [f"/once/{n}" for n in range(2)]
    _expect_one_takes_it(_client_spans(spans, first, turns), in_turn, 3)
    _expect_one_takes_it(_client_spans(spans, both, onces), at_once, 2)
    index = otlp.Index(spans)
    for path in turns + onces:
        served = index.at(path, otlp.SERVER, {server, second})
        expect(len(served) == 1, f"{path}: {len(served)} server spans")
        above = index.parent(served[0])
        expect(above and above.path == path, f"{served[0]}: below {above}")


@case.case
def announced_within_a_request(c):
    """A service that sends one context of its own with two calls, and passes on another's."""
    back, _ = c.server()
    outer, inner = Announced(), Announced()
    inner.trace = outer.trace
    own = f"traceparent: 00-{outer.trace}-{inner.span}-01"

    def handle(conn):
        reader = wire.Reader(conn)
        while reader.message():
            for path, header in (("/in/0", own), ("/in/1", own), ("/passed/on", outer.header)):
                with wire.connect(back) as call:
                    wire.ask(call, path, headers=[header])
            conn.sendall(wire.response_bytes())

    listener, middle = c.server(handle)
    with c.agent() as tracer:
        c.client(case.ask_all(listener, ["/outer"], headers=[outer.header]))
    spans = tracer.spans()
    served = case.only(spans, otlp.SERVER, middle)
    first, second = (case.only(spans, otlp.CLIENT, middle, f"/in/{n}") for n in range(2))
    expect((first.span_id, first.parent_id) == (inner.span, served.span_id), f"{first}")
    expect(second.parent_id == inner.span, f"{second}: not below the announced one")
    passed = case.only(spans, otlp.CLIENT, middle, "/passed/on")
    expect(passed.parent_id == served.span_id, f"{passed}: not below the request in hand")


@case.case
def announced_in_sql(c):
    """A comment repeated with every statement."""
    server = databases.postgres(c.group)
    announced = Announced()
    text = c.group.work / "announced.sql"
    text.write_text(f"SELECT 1 /*traceparent='{announced.value}'*/;\n", encoding="utf-8")
    with c.agent() as tracer:
        server.pgbench("-n", "-f", text, "-t", 3, database="postgres")
    index = otlp.Index(tracer.spans())
    mine = [s for s in index.spans if s.trace_id == announced.trace]
    _expect_one_takes_it([s for s in mine if s.is_client], announced, 3)
    for span in mine:
        expect(span.is_client or index.parent(span).is_client, f"{span}: not below its client")
