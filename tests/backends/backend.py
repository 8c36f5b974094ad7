# SPDX-License-Identifier: Apache-2.0
"""Real tracing backends for tests, on loopback, one context manager each:

    with Collector() as collector:          # OpenTelemetry Collector: .spans(trace_id)
    with Jaeger() as jaeger:                # Jaeger v2: .spans(trace_id), .get(path), .thrift_url
    with Zipkin() as zipkin:                # Zipkin's server: .spans_url, .get(path)

Those that take OTLP have .http_url (full, with /v1/traces) and .grpc_url; all have .trace(id, n),
which gives spans.Span, for comparisons. Binaries come from build.sh; when
one cannot be built here, Unavailable says why. Standard library only.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import spans as normal
from spans import plain

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 60  # seconds until a started backend must answer, or a sent span be readable


class Unavailable(Exception):
    """The backend cannot be had on this machine; the test is to be skipped."""


def result(test, *args):
    """Runs a test; its exit code: 77 when there is no backend."""
    try:
        test(*args)
    except Unavailable as reason:
        print(f"SKIP {reason}")
        return 77
    except (AssertionError, TimeoutError, RuntimeError) as error:
        print(f"FAIL {error}")
        return 1
    return 0


def built(name):
    """The path of the backend's binary; minutes the first time."""
    result = subprocess.run([HERE / "build.sh", name], stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode == 77:
        raise Unavailable(f"{name} cannot be built here (see above)")
    if result.returncode != 0:
        raise RuntimeError(f"building {name} failed (see above)")
    return result.stdout.strip()


def free_ports(n):
    """n different free ports of loopback."""
    sockets = [socket.socket() for _ in range(n)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def eventually(check, what):
    """The first true result of check(), asked until PATIENCE is over."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            result = check()
        except (OSError, urllib.error.URLError, ValueError):
            result = None
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {PATIENCE} s")
        time.sleep(0.05)


def fetch(url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, headers=headers or {})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()


def spans_of(request, trace_id):
    """(span, resource attributes, ResourceSpans, ScopeSpans) of one trace in OTLP JSON."""
    for resource in request.get("resourceSpans", []):
        attributes = plain(resource.get("resource", {}).get("attributes", []))
        for scope in resource.get("scopeSpans", []):
            for span in scope.get("spans", []):
                if span["traceId"] == trace_id:
                    yield span, attributes, resource, scope


class Backend:
    """A backend's process, its folder and its ports."""
    name = ""
    ports = ()
    config = "config.yaml"

    def __init__(self):
        self.binary = built(self.name)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"weft-{self.name}-"))
        self.environment = {p: str(n) for p, n in zip(self.ports, free_ports(len(self.ports)))}
        self.process = None

    @property
    def http_url(self):
        return f"http://127.0.0.1:{self.environment['HTTP_PORT']}/v1/traces"

    @property
    def grpc_url(self):
        return f"http://127.0.0.1:{self.environment['GRPC_PORT']}"

    def __enter__(self):
        log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            self.command(), cwd=self.folder, stdout=log, stderr=subprocess.STDOUT,
            env=os.environ | self.environment)
        log.close()
        try:
            eventually(self.ready, f"{self.name} starts")
        except BaseException:
            print((self.folder / "log").read_text(errors="replace")[-3000:])
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(3)  # memory storage has nothing to save
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self):
        return [self.binary, "--config", HERE / self.name / self.config]

    def get(self, path, headers=None):
        """JSON of the backend's query API."""
        return json.loads(fetch(f"http://127.0.0.1:{self.environment['QUERY_PORT']}{path}", headers=headers))

    def trace(self, trace_id, count):
        """At least `count` spans of the trace, as spans.Span, when the backend has them."""
        def read():
            found = list(self.read(trace_id))
            return found if len(found) >= count else None
        return eventually(read, f"{count} spans of {trace_id} in {self.name}")

    def ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}")
        return True


class Collector(Backend):
    """OpenTelemetry Collector: OTLP in, a file of OTLP JSON lines out. With a certificate
    (PEM files that are their own authority) also .https_url and .grpcs_url, which ask
    clients for it."""
    name = "otelcol"
    ports = ("GRPC_PORT", "HTTP_PORT", "GRPCS_PORT", "HTTPS_PORT")

    def __init__(self):
        if not shutil.which("openssl"):
            raise Unavailable("the collector's TLS receivers need the openssl command")
        super().__init__()
        self.out = self.folder / "traces.jsonl"
        self.cert, self.key = self.folder / "cert.pem", self.folder / "key.pem"
        self.environment |= {"OUT": str(self.out), "CERT": str(self.cert), "KEY": str(self.key),
                             "GRPC_SOCKET": str(self.folder / "grpc.sock"),
                             "HTTP_SOCKET": str(self.folder / "http.sock")}
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=weft test", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.cert],
                       check=True, capture_output=True)

    @property
    def https_url(self):
        return f"https://127.0.0.1:{self.environment['HTTPS_PORT']}/v1/traces"

    @property
    def grpcs_url(self):
        return f"https://127.0.0.1:{self.environment['GRPCS_PORT']}"

    def ready(self):
        super().ready()
        return fetch(self.http_url, b"{}", {"Content-Type": "application/json"}) is not None

    def spans(self, trace_id, count):
        """At least `count` spans of the trace, when the file shows them."""
        def read():
            lines = self.out.read_text().splitlines()
            found = [s for line in lines for s in spans_of(json.loads(line), trace_id)]
            return found if len(found) >= count else None
        return eventually(read, f"{count} spans of {trace_id} in the collector's file")


    def read(self, trace_id):
        for line in self.out.read_text().splitlines():
            yield from (span for span in normal.of_otlp(json.loads(line)) if span.trace == trace_id)


class Jaeger(Backend):
    """Jaeger v2, in memory: OTLP and Thrift in, the query API out."""
    name = "jaeger"
    ports = ("GRPC_PORT", "HTTP_PORT", "THRIFT_PORT", "QUERY_PORT", "QUERY_GRPC_PORT", "HEALTH_PORT")

    @property
    def thrift_url(self):
        return f"http://127.0.0.1:{self.environment['THRIFT_PORT']}/api/traces"

    def ready(self):
        super().ready()
        return fetch(f"http://127.0.0.1:{self.environment['HEALTH_PORT']}/status") is not None

    def read(self, trace_id):
        return normal.of_otlp(self.get(f"/api/v3/traces/{trace_id}")["result"])

    def page_trace(self, trace_id):
        """The same by the API of Jaeger's own page, which most scripts use."""
        return list(normal.of_jaeger(self.get(f"/api/traces/{trace_id}")["data"][0]))

    def spans(self, trace_id, count):
        def read():
            found = list(spans_of(self.get(f"/api/v3/traces/{trace_id}")["result"], trace_id))
            return found if len(found) >= count else None
        return eventually(read, f"{count} spans of {trace_id} in Jaeger")


class Zipkin(Backend):
    """Zipkin's own server, in memory."""
    name = "zipkin"
    ports = ("QUERY_PORT",)

    @property
    def spans_url(self):
        return f"http://127.0.0.1:{self.environment['QUERY_PORT']}/api/v2/spans"

    def command(self):
        self.environment["STORAGE_TYPE"] = "mem"
        listen = {"ip": "127.0.0.1", "port": self.environment["QUERY_PORT"], "protocols[0]": "http"}
        return ["java", "-Xmx256m", "-XX:+UseSerialGC", "-jar", self.binary,
                *(f"--armeria.ports[0].{key}={value}" for key, value in listen.items())]

    def ready(self):
        super().ready()
        return self.get("/health")["status"] == "UP"

    def read(self, trace_id):
        return map(normal.of_zipkin, self.get(f"/api/v2/trace/{trace_id}"))
