#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""xray_check.py collector|moto PROBE: the xray exporter against what can be had of X-Ray.
Prints a line per way; exits 1 when one is wrong, 77 when there is no backend.

collector: the OpenTelemetry Collector's awsxray receiver, which speaks the daemon's UDP
protocol; it turns the segments into OTLP, read back from a file.
moto: its PutTraceSegments and BatchGetTraces. AWS's daemon itself cannot be had: a relay in
this file does what it does, datagrams in and PutTraceSegments out."""
import contextlib
import json
import os
import pathlib
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request

from backend import Backend, Collector, eventually, free_ports, plain, result
from fetched import python_packages

BATCHES = 100  # of two spans: three datagrams each, one of them the calling service's
MOTO = "moto[server,xray]==5.2.5"
NOBODYS = "1-00000000-000000000000000000000001"
HEADER = b'{"format":"json","version":1}\n'
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


class XrayCollector(Backend):
    """The Collector with the awsxray receiver: datagrams in, a file of OTLP JSON lines out."""
    name = "otelcol-xray"
    ports = ("UDP_PORT", "PROXY_PORT")

    def __init__(self):
        super().__init__()
        self.out = self.folder / "traces.jsonl"
        self.environment |= {"OUT": str(self.out), **KEYS}

    @property
    def address(self):
        return f"127.0.0.1:{self.environment['UDP_PORT']}"

    def ready(self):
        super().ready()  # its TCP port opens after the UDP one
        socket.create_connection(("127.0.0.1", int(self.environment["PROXY_PORT"])), 1).close()
        return True

    spans = Collector.spans


class Moto:
    """moto's server, and the relay in front of it."""

    def __init__(self):
        self.python, self.environment = python_packages(MOTO)
        self.port = free_ports(1)[0]
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.datagrams = queue.SimpleQueue()
        self.faults = []

    @property
    def address(self):
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def __enter__(self):
        argv = [self.python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.log = tempfile.NamedTemporaryFile(prefix="weft-moto-")
        self.process = subprocess.Popen(argv, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            eventually(lambda: self.post("Traces", {"TraceIds": [NOBODYS]}) is not None, "moto starts")
        except BaseException:
            print(pathlib.Path(self.log.name).read_text(errors="replace")[-2000:])
            self.__exit__()
            raise
        for loop in (self.listen, self.relay):
            threading.Thread(target=loop, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.kill()  # nothing of it is kept
        self.process.wait()
        self.socket.close()
        self.log.close()

    def listen(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                self.datagrams.put(self.socket.recv(1 << 16))

    def relay(self):
        """In batches, as the daemon does: an HTTP request for each would be too slow."""
        while datagram := self.datagrams.get():
            batch = [datagram]
            while len(batch) < 50 and not self.datagrams.empty():
                batch.append(self.datagrams.get())
            self.faults += [f"no header: {d[:60]}" for d in batch if not d.startswith(HEADER)]
            documents = [d[len(HEADER):].decode() for d in batch]
            self.faults += self.post("TraceSegments", {"TraceSegmentDocuments": documents})["UnprocessedTraceSegments"]

    def post(self, path, body):
        scope = "Credential=test/20260101/us-east-1/xray/aws4_request, SignedHeaders=host, Signature=0"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{path}", json.dumps(body).encode(),
                                         {"Authorization": f"AWS4-HMAC-SHA256 {scope}",
                                          "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    def documents(self, trace_id, count):
        def read():
            traces = self.post("Traces", {"TraceIds": [f"1-{trace_id[:8]}-{trace_id[8:]}"]})["Traces"]
            found = [json.loads(s["Document"]) for trace in traces for s in trace["Segments"]]
            return found if len(found) >= count else None
        return eventually(read, f"{count} segments of {trace_id} in moto")


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, expected {wanted!r}")


def send(probe, backend, *settings):
    result = subprocess.run([probe, "xray", str(BATCHES), f"endpoint={backend.address}", *settings],
                            capture_output=True, text=True, timeout=120, check=False)
    expect(f"exit code ({result.stderr.strip()})", result.returncode, 0)
    return result.stdout.split()


def check_collector(collector, probe):
    """The trace that export_probe.cpp makes, as the receiver understands it."""
    for trace_id in send(probe, collector, "annotations=error.type"):
        found = collector.spans(trace_id, 3)
        expect("spans", len(found), 3)
        spans = [span for span, *_ in found]
        services = [span for span in spans if not span.get("parentSpanId")]
        client = next(span for span in spans if span["kind"] == 3)
        server = next(span for span in spans if span["name"] == "stock" and span is not client)
        expect("the calling service", [s["name"] for s in services], ["shop"])
        expect("client's parent", client["parentSpanId"], services[0]["spanId"])
        expect("server's parent", server["parentSpanId"], client["spanId"])
        for span in (client, server):
            expect("duration", round((int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e5), 10)
            expect("status", span["status"]["code"], 2)
        attributes = plain(server["attributes"])
        expect("server's status code", attributes["http.status_code"], 503)
        expect("annotation", attributes["error.type"], "503")
        expect("list", json.loads(attributes["aws.xray.metadata.default"])["http.request.header.x-list"], ["a", "b"])
        expect("url", plain(client["attributes"])["http.url"], 'http://stock/żółć?q="1"')
    print(f"PASS collector: {BATCHES} traces of 3 segments read back")


def check_moto(moto, probe):
    for trace_id in send(probe, moto):
        found = moto.documents(trace_id, 3)
        expect("documents", sorted(d["name"] for d in found), ["shop", "stock", "stock"])
        client = next(d for d in found if d.get("namespace") == "remote")
        server = next(d for d in found if d["name"] == "stock" and d is not client)
        expect("server's parent", server["parent_id"], client["id"])
        expect("fault", (server["fault"], server["http"]["response"]["status"]), (True, 503))
        expect("links", len(server["links"]), 1)
    expect("what moto refused", moto.faults, [])
    print(f"PASS moto: {BATCHES} traces of 3 segments read back (the daemon is a relay of this test)")


def main(name, probe):
    backend, check = {"collector": (XrayCollector, check_collector), "moto": (Moto, check_moto)}[name]
    with backend() as running:
        check(running, probe)


if __name__ == "__main__":
    sys.exit(result(main, sys.argv[1], sys.argv[2]))
