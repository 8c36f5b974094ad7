# SPDX-License-Identifier: Apache-2.0
"""Beside a real OpenTelemetry SDK: its spans win, ours hang below them, others are traced."""
import json
import os
import subprocess

from weft_harness import case, otlp, pins, procs, wire
from weft_harness.report import expect

# A server with spans of its own: of each request, of the one it makes, and of no storage. It
# prints the ids of both.
_SERVER = r'''
import http.client, http.server, json, sqlite3, sys

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

backend, sink, file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(
    OTLPSpanExporter(endpoint=f"http://127.0.0.1:{sink}/v1/traces"), schedule_delay_millis=200))
tracer = provider.get_tracer("shop")
sqlite3.connect(file).execute("create table t (n)")


def call(path):
    with tracer.start_as_current_span("call", kind=trace.SpanKind.CLIENT) as span:
        headers = {}
        propagate.inject(headers)
        conn = http.client.HTTPConnection("127.0.0.1", backend)
        conn.request("GET", "/backend" + path, headers=headers)
        conn.getresponse().read()
        return f"{span.get_span_context().span_id:016x}"


def store():
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("pragma synchronous = full")
    db.execute("insert into t values (1)")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        context = propagate.extract(dict(self.headers.items()))
        with tracer.start_as_current_span("serve", context, trace.SpanKind.SERVER) as span:
            called = call(self.path)
            store()
        ids = {"path": self.path, "trace": f"{span.get_span_context().trace_id:032x}",
               "client": called}
        print(json.dumps(ids), flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
'''
_TRACE, _CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba9{:04x}"


class Shop:
    """The server with the SDK, what it calls, and where it exports to."""

    def __init__(self, c):
        packages = pins.python_whole("opentelemetry-exporter-otlp-proto-http")
        self.exports = c.group.work / "exports"
        self.exports.touch()
        self.backend, self.backend_pid = c.server()
        sink, self.sink_pid = c.server(self._receive)
        script = c.group.work / "shop.py"
        script.write_text(_SERVER, encoding="ascii")
        self.proc = c.group.start([procs.python(), script, self.backend.getsockname()[1],
                                   sink.getsockname()[1], c.group.work / "shop.db"],
                                  env={"PYTHONPATH": str(packages)}, stdout=subprocess.PIPE)
        self.port = int(self.proc.stdout.readline() or 0)
        expect(self.port, procs.tail(self.proc))

    def _receive(self, conn):
        reader = wire.Reader(conn)
        while message := reader.message():
            conn.sendall(wire.response_bytes(b""))
            with open(self.exports, "ab") as file:
                file.write(message[0].encode() + b"\n")

    def serve(self, path, number):
        """Asks it, as the span `number` of a trace; the ids that its SDK chose."""
        caller = f"traceparent: 00-{_TRACE}-{_CALLER.format(number)}-01"
        with wire.connect_port(self.port) as conn:
            expect(wire.ask(conn, path, headers=[caller])[0] == 200, "not served")
        return json.loads(self.proc.stdout.readline())

    def wait_exported(self):
        expect(procs.wait_until(lambda: os.path.getsize(self.exports) > 0, 20), "nothing exported")


def _run(c, *flags):
    """(shop, tracer, ids of three requests after it was recognised)."""
    shop = Shop(c)
    plain, plain_pid = c.server()
    with c.agent(*flags) as tracer:
        shop.serve("/before", 0)
        shop.wait_exported()
        ids = [shop.serve(f"/after/{n}", n) for n in range(1, 4)]
        c.client(case.ask_all(plain, ["/plain"]))
        tracer.wait_spans(lambda spans: any(s.pid == plain_pid for s in spans) and any(
            s.path == "/backend/after/3" and s.is_server for s in spans))
    expect([s.path for s in tracer.spans() if s.pid == plain_pid] == ["/plain"],
           "a process beside it is not traced")
    exports = [str(s) for s in tracer.spans() if s.path == "/v1/traces"]
    expect(not exports, f"exports are told: {exports[:2]}")
    return shop, tracer, ids


def _requests(shop, tracer):
    return [s for s in tracer.spans() if s.pid == shop.proc.pid and s.kind != otlp.INTERNAL
            and "/after" in s.path]


@case.case
def sdk_spans_are_preferred(c):
    shop, tracer, ids = _run(c)
    told = [str(s) for s in _requests(shop, tracer)]
    expect(not told, f"told twice: {told[:2]}")
    for each in ids:
        served = next(s for s in tracer.spans() if s.pid == shop.backend_pid
                      and s.path == f"/backend{each['path']}")
        expect((served.trace_id, served.parent_id) == (each["trace"], each["client"]),
               f"{served} is not below the SDK's span {each}")
    stored = [s for s in tracer.spans() if s.pid == shop.proc.pid and s.trace_id == _TRACE]
    expect(any(s.name == "wal.sync" for s in stored), f"no sync in {[s.name for s in stored]}")
    parents = {s.parent_id for s in stored if s.correlation == "header"}
    expect({_CALLER.format(n) for n in range(1, 4)} <= parents, f"storage hangs below {parents}")


@case.case
def sdk_spans_beside_ours(c):
    shop, tracer, ids = _run(c, "--existing-instrumentation", "both")
    told = sorted(s.path for s in _requests(shop, tracer))
    expected = sorted(prefix + each["path"] for each in ids for prefix in ("", "/backend"))
    expect(told == expected, f"told {told} instead of {expected}")
