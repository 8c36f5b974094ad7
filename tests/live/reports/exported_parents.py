# SPDX-License-Identifier: Apache-2.0
"""A parent that is named is exported: what nobody exports begins no trace of others. The agent's
own check of every run (invariants.parents_exist) is what fails here."""
import os
import subprocess

from weft_harness import case, otlp, programs, wire
from weft_harness.case import expect


def _curl(listener, paths, *options):
    """A client of another program: a forked one counts as its parent's worker."""
    host, port = listener.getsockname()
    argv = [programs.need("curl"), "-s", *options, *(f"http://{host}:{port}{p}" for p in paths)]
    subprocess.run(argv, check=True, capture_output=True, timeout=30)


@case.case
def untraced_client_is_no_parent(c):
    """Only the server's port is asked for: its spans are roots."""
    listener, server = c.server()
    port = listener.getsockname()[1]
    paths = [f"/{n}" for n in range(5)]
    with c.agent("--port", str(port)) as tracer:
        _curl(listener, paths)
        tracer.wait_spans(lambda spans: len(spans) >= len(paths))
    spans = tracer.spans()
    case.expect_paths(spans, server, None, paths)
    others = [str(s) for s in spans if s.pid not in (server, os.getpid())]
    expect(not others, f"spans of others: {others}")
    served = [s for s in spans if s.is_server]
    for span in served:
        expect(not span.parent_id and not span.correlation, f"{span}: not a root")
    expect(len({s.trace_id for s in served}) == len(paths), "requests share a trace")


@case.case
def untraced_clients_header_is_the_parent(c):
    """The same with a traceparent: it was announced, whoever exports it."""
    listener, server = c.server()
    port = listener.getsockname()[1]
    header = f"traceparent: 00-{'ab' * 16}-{'cd' * 8}-01"
    with c.agent("--port", str(port)) as tracer:
        _curl(listener, ["/a"], "-H", header)
        tracer.wait_spans(bool)
    span = case.only(tracer.spans(), otlp.SERVER, server)
    expect((span.trace_id, span.parent_id, span.correlation) ==
           ("ab" * 16, "cd" * 8, "header"), f"{span}: not below the header's")


@case.case
def request_open_at_the_end(c):
    """The agent stops while a request is being served: what it asked for is told below what is
    known of it."""
    back, _ = c.server()
    asked, ask = os.pipe()
    stopped, stop = os.pipe()

    def handle(conn):
        reader = wire.Reader(conn)
        while reader.message():
            with wire.connect(back) as call:
                wire.ask(call, "/inner")
            os.write(ask, b"1")
            os.read(stopped, 1)
            conn.sendall(wire.response_bytes())

    listener, middle = c.server(handle)
    with c.agent() as tracer:
        client = c.fork(case.ask_all(listener, ["/outer"]))
        os.read(asked, 1)
    os.write(stop, b"1")
    expect(c.group.reap(client) == 0, "the request was not answered")
    spans = tracer.spans()
    outer = [s for s in spans if s.path == "/outer" or s.attributes.get("weft.incomplete")]
    expect(len(outer) == 2 and all(s.attributes.get("weft.incomplete") and s.code is None
                                   for s in outer), f"told of what was not over: {outer}")
    inner = case.only(spans, otlp.CLIENT, middle, "/inner")
    above = [s for s in outer if s.span_id == inner.parent_id]
    expect(above and above[0].pid == middle, f"{inner}: not below the request in hand")
