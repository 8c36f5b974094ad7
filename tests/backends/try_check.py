#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""try_check.py otelcol WEFT: `weft export-test` against a real Collector, and against what is
none: one line that says what answered and what was expected, and exit code 12."""
import http.server
import re
import subprocess
import sys
import threading

from backend import Collector, free_ports, result


class Stranger(http.server.BaseHTTPRequestHandler):
    """A web server that is no backend."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, kind = {"/page": (200, "text/html"), "/secret": (401, "text/plain")}.get(
            self.path, (404, "text/html"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"no")

    def log_message(self, *_):
        pass


def export_test(weft, *exporters):
    flags = [word for exporter in exporters for word in ("--exporter", exporter)]
    return subprocess.run([weft, "export-test", *flags], capture_output=True, text=True, timeout=60, check=False)


def expect_fault(weft, exporter, wanted):
    result = export_test(weft, exporter)
    line = result.stdout.strip()
    assert result.returncode == 12, f"{exporter}: exit {result.returncode}: {line} {result.stderr}"
    assert len(line.splitlines()) == 1, f"{exporter}: {line}"
    assert re.search(wanted, line), f"{exporter}: {line!r} does not say {wanted!r}"
    print(f"PASS {line}")


def faults(collector, stranger):
    http_port, grpc_port = collector.environment["HTTP_PORT"], collector.environment["GRPC_PORT"]
    yield f"otlp_http:endpoint=http://127.0.0.1:{free_ports(1)[0]}/v1/traces", "Couldn't connect|refused"
    yield "otlp_http:endpoint=http://nowhere.invalid/v1/traces", "nowhere.invalid"
    yield f"otlp_http:endpoint=http://127.0.0.1:{http_port}/wrong", "HTTP 404.*expected an OTLP/HTTP receiver"
    yield f"otlp_http:endpoint=http://127.0.0.1:{grpc_port}/v1/traces", "expected an OTLP/HTTP receiver"
    yield f"otlp_http:endpoint=https://127.0.0.1:{http_port}/v1/traces", "expected an OTLP/HTTP receiver"
    yield f"otlp_grpc:endpoint=http://127.0.0.1:{http_port}", "expected an OTLP/gRPC receiver"
    yield f"otlp_grpc:endpoint={stranger}", "expected an OTLP/gRPC receiver"
    yield f"otlp_http:endpoint={stranger}/page", "a web page.*expected an OTLP/HTTP receiver"
    yield f"otlp_http:endpoint={stranger}/secret", "HTTP 401.*credentials"
    yield f"zipkin:endpoint=http://127.0.0.1:{http_port}/api/v2/spans", "HTTP 404.*expected a Zipkin server"
    yield f"jaeger:endpoint={stranger}/api/traces", "HTTP 404.*expected a Jaeger collector"


def run(weft):
    with Collector() as collector, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        result = export_test(weft, f"otlp_http:endpoint={collector.http_url}", f"otlp_grpc:endpoint={collector.grpc_url}")
        assert result.returncode == 0, f"exit {result.returncode}: {result.stdout} {result.stderr}"
        traces = re.findall(r"delivered: trace ([0-9a-f]{32})", result.stdout)
        assert len(traces) == 2, result.stdout
        for trace in traces:
            collector.spans(trace, 2)
        print("PASS two made-up traces read back")
        for exporter, wanted in faults(collector, f"http://127.0.0.1:{server.server_address[1]}"):
            expect_fault(weft, exporter, wanted)
        server.shutdown()


def main(weft):
    run(weft)


if __name__ == "__main__":
    sys.exit(result(main, sys.argv[2]))
