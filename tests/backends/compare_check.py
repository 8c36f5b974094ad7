#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare_check.py BACKEND PROBE: a trace with everything in it, sent to a real backend and
written by our exporter otlp_file in the same run; what the backend gives back has to be what
the file says, but for what such a backend cannot keep (views.py). Prints a line per way; exits
1 when one is wrong, 77 when there is no backend."""
import json
import pathlib
import subprocess
import sys
import tempfile

import views
from backend import Collector, Jaeger, Zipkin, result
from spans import compare, of_otlp

BATCHES = 2
# Constant, told twice, or not ours.
UNCOMPARED = ("otel.scope.version", "otel.library.version", "otel.library.name", "@jaeger@warnings")


def collector_ways(collector):
    yield "OTLP to the Collector", ("otlp_http", f"endpoint={collector.http_url}"), views.as_otlp, collector.trace


def jaeger_ways(jaeger):
    def page(trace_id, count):
        jaeger.trace(trace_id, count)  # until it is there
        return jaeger.page_trace(trace_id)
    thrift = ("jaeger", f"endpoint={jaeger.thrift_url}")
    yield "OTLP to Jaeger", ("otlp_grpc", f"endpoint={jaeger.grpc_url}"), views.as_jaeger, jaeger.trace
    yield "Thrift to Jaeger, its API v3", thrift, views.as_thrift, jaeger.trace
    yield "Thrift to Jaeger, its page", thrift, views.as_page, page


def zipkin_ways(zipkin):
    for compression in ("none", "gzip"):
        kind = ("zipkin", f"endpoint={zipkin.spans_url}", f"compression={compression}")
        yield f"Zipkin, compression {compression}", kind, views.as_zipkin, zipkin.trace


def wrong_ways(backend):
    """Exporters at ports that are not theirs, and what the one line about it says."""
    zipkin, jaeger = "expected a Zipkin server at POST /api/v2/spans", "expected a Jaeger collector"
    if isinstance(backend, Zipkin):
        yield ("jaeger", f"endpoint={backend.spans_url}"), "server answered HTTP 400: Malformed reading List<Span>"
        yield ("zipkin", f"endpoint={backend.spans_url}/no/such/path"), zipkin
    else:
        yield ("zipkin", f"endpoint={backend.http_url}"), zipkin
        yield ("zipkin", f"endpoint={backend.http_url}/no"), zipkin
        yield ("zipkin", f"endpoint={backend.grpc_url}"), "the answer is not HTTP/1.1; " + zipkin
        yield ("jaeger", f"endpoint={backend.grpc_url}"), jaeger


def run(probe, exporter, *more):
    kind, *settings = exporter
    argv = [probe, kind, str(BATCHES), *settings, *more]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)


def check_wrong(ways, probe):
    for exporter, expected in ways:
        result = run(probe, exporter)
        said = result.stderr.splitlines()
        if result.returncode != 1 or len(said) != 1 or expected not in said[0]:
            raise AssertionError(f"{exporter}: exit code {result.returncode}, said {said}, expected {expected!r}")
        print(f"PASS {exporter[0]} at the wrong place: {said[0]}")


def send(probe, exporter, folder):
    """The trace ids, and what the file says was sent."""
    kind = exporter[0]
    file = folder / "sent.jsonl"
    file.unlink(missing_ok=True)
    result = run(probe, exporter, "+", "otlp_file/development", f"path={file}")
    if result.returncode != 0:
        raise AssertionError(f"{kind}: exit code {result.returncode}: {result.stderr.strip()}")
    return result.stdout.split(), [span for line in file.open() for span in of_otlp(json.loads(line))]


def plainly(span):
    """Without what is no part of the comparison."""
    for key in UNCOMPARED:
        span.attributes.pop(key, None)
    return span


def check(ways, probe, folder):
    for name, exporter, view, read in ways:
        trace_ids, sent = send(probe, exporter, folder)
        for trace_id in trace_ids:
            wanted = [plainly(view(span)) for span in sent if span.trace == trace_id]
            compare(wanted, [plainly(span) for span in read(trace_id, len(wanted))])
        print(f"PASS {name}: {len(sent)} spans as they were sent")


BACKENDS = {"otelcol": (Collector, collector_ways), "jaeger": (Jaeger, jaeger_ways), "zipkin": (Zipkin, zipkin_ways)}


def main(name, probe):
    make, ways = BACKENDS[name]
    with make() as backend, tempfile.TemporaryDirectory(prefix="weft-compare-") as folder:
        check(ways(backend), probe, pathlib.Path(folder))
        check_wrong(wrong_ways(backend), probe)


if __name__ == "__main__":
    sys.exit(result(main, sys.argv[1], sys.argv[2]))
