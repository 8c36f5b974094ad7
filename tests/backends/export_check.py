#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""export_check.py BACKEND PROBE: every way our exporters can speak to a real backend, read
back from it. Prints a line per way; exits 1 when one is wrong, 77 when there is no backend."""
import http.server
import os
import subprocess
import sys
import threading

from backend import Collector, Jaeger, fetch, plain, result

BATCHES = 3  # on one exporter, so that connections are used again
SCHEMA = "https://opentelemetry.io/schemas/1.44.0"


def ways(backend):
    """(what it is called, the probe's arguments)"""
    http, grpc = f"endpoint={backend.http_url}", f"endpoint={backend.grpc_url}"
    for compression in ("none", "gzip", "zstd"):
        packed = f"compression={compression}"
        yield f"http protobuf {compression}", ("otlp_http", http, packed)
        yield f"http json {compression}", ("otlp_http", http, packed, "encoding=json")
        yield f"grpc {compression}", ("otlp_grpc", grpc, packed)
    if isinstance(backend, Collector):
        sockets = backend.environment
        yield "http over a Unix socket", ("otlp_http", f"endpoint=unix://{sockets['HTTP_SOCKET']}")
        yield "grpc over a Unix socket", ("otlp_grpc", f"endpoint=unix://{sockets['GRPC_SOCKET']}")
        tls = [f"tls.ca_file={backend.cert}", f"tls.cert_file={backend.cert}", f"tls.key_file={backend.key}"]
        yield "https protobuf, both ends with certificates", ("otlp_http", f"endpoint={backend.https_url}", *tls)
        yield "grpc over TLS, both ends with certificates", ("otlp_grpc", f"endpoint={backend.grpcs_url}", *tls)


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, expected {wanted!r}")


def check_trace(found):
    """The trace that export_probe.cpp makes, as OTLP JSON has it."""
    by_service = {entry[1]["service.name"]: entry for entry in found}
    expect("services", sorted(by_service), ["shop", "stock"])
    expect("spans", len(found), 2)
    for span, attributes, _, scope in found:
        expect("telemetry.sdk.name", attributes["telemetry.sdk.name"], "weft")
        expect("scope", scope["scope"]["name"], "weft")
        expect("name", span["name"], "GET")
        expect("duration", int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]), 1_000_000)
        expect("status code", plain(span["attributes"])["http.response.status_code"], 503)
    client, server = by_service["shop"][0], by_service["stock"][0]
    expect("client's parent", client.get("parentSpanId", ""), "")
    expect("server's parent", server["parentSpanId"], client["spanId"])
    expect("kinds", (client["kind"], server["kind"]), (3, 2))
    expect("url.full", plain(client["attributes"])["url.full"], 'http://stock/żółć?q="1"')
    expect("list", plain(server["attributes"])["http.request.header.x-list"], ["a", "b"])
    expect("status", server["status"], {"code": 2})
    expect("event", server["events"][0]["name"], "late")
    expect("links", len(server["links"]), 1)


def check_what_jaeger_drops(found):
    for _, _, resource, scope in found:
        expect("schema", (resource.get("schemaUrl"), scope.get("schemaUrl")), (SCHEMA, SCHEMA))
    expect("flags", {span["kind"]: span["flags"] for span, *_ in found}, {3: 0x101, 2: 0x301})


def check_old_api(jaeger, trace_id):
    """Jaeger's own model, which its page and most scripts use."""
    spans = jaeger.get(f"/api/traces/{trace_id}")["data"][0]["spans"]
    kinds = sorted(r["refType"] for span in spans for r in span["references"])
    expect("references", "CHILD_OF" in kinds, True)
    tags = [t["key"] for span in spans for t in span["tags"]]
    expect("error tag", tags.count("error"), 1)


def run(backend, probe):
    for name, (kind, *settings) in ways(backend):
        result = subprocess.run([probe, kind, str(BATCHES), *settings], capture_output=True, text=True,
                                timeout=120, check=False)
        expect(f"{name}: exit code ({result.stderr.strip()})", result.returncode, 0)
        for trace_id in result.stdout.split():
            found = backend.spans(trace_id, 2)
            check_trace(found)
            if isinstance(backend, Collector):
                check_what_jaeger_drops(found)
            else:
                check_old_api(backend, trace_id)
        print(f"PASS {name}: {BATCHES} batches read back")


class Proxy(http.server.BaseHTTPRequestHandler):
    """A forward proxy: takes the whole URL, passes the request on."""
    passed = []

    def do_POST(self):
        Proxy.passed.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = fetch(self.path, body, {"Content-Type": self.headers["Content-Type"]})
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def run_by_proxy(backend, probe):
    """The usual variables name a proxy, and what needs none."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [probe, "otlp_http", "1", f"endpoint={backend.http_url}"]
        proxy = {"http_proxy": f"http://127.0.0.1:{server.server_address[1]}"}
        for more, passed in ({}, 1), ({"no_proxy": "127.0.0.1"}, 0):
            Proxy.passed.clear()
            result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True,
                                    env=os.environ | proxy | more)
            check_trace(backend.spans(result.stdout.split()[0], 2))
            expect(f"requests by the proxy with {more}", len(Proxy.passed), passed)
        server.shutdown()
    print("PASS by a proxy, and past it")


def main(name, probe):
    with {"otelcol": Collector, "jaeger": Jaeger}[name]() as backend:
        run(backend, probe)
        run_by_proxy(backend, probe)


if __name__ == "__main__":
    sys.exit(result(main, sys.argv[1], sys.argv[2]))
