# SPDX-License-Identifier: Apache-2.0
"""Small servers as their users run them, and what these would choose instead of an agent: the
same server with the OpenTelemetry SDK's zero-code instrumentation. Agent and SDK export to a
sink each."""
import dataclasses
import time

from weft_harness import pins, procs, programs
from otlp_sink import Sink
import web

HELLO = web.HERE / "hello"
_DELAY = 5  # seconds that the SDK may keep a span before it exports it
_TRACES_ONLY = {"OTEL_SERVICE_NAME": "hello", "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                "OTEL_NODE_RESOURCE_DETECTORS": "env,host,os,process"}


@dataclasses.dataclass
class Instrumented(web.Web):
    """By the SDK."""
    sink: Sink = None
    served: int = 0

    def load(self, seconds):
        load = super().load(seconds)
        self.served += load.requests
        return load

    def spans_per_request(self):
        """Of what reached the sink since the server's start."""
        time.sleep(_DELAY + 1)
        return self.sink.spans / self.served


@dataclasses.dataclass
class Compared(web.Web):
    """Without the SDK; beside it, and measured in the same rounds, the one with it."""
    exporter: str = None
    sdk: Instrumented = None


def _serve(group, name, argv, env):
    """(process, port) of a server; {port} in a word of argv stands for the latter."""
    port = procs.free_port()
    proc = group.start([str(word).format(port=port) for word in argv], name=name, cwd=HELLO,
                       env={"PYTHONDONTWRITEBYTECODE": "1", **env})
    group.wait_port(port, proc)
    return proc, port


def _compared(group, argv, env, launcher, sdk_env):
    """The launcher and the environment besides make the SDK part of the server."""
    sink = Sink()
    to_sink = {**env, **_TRACES_ONLY, "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, **sdk_env}
    proc, port = _serve(group, "with_sdk", [*launcher, *argv], to_sink)
    sdk = Instrumented(group, [proc], port, sink=sink)
    proc, port = _serve(group, "server", argv, env)
    return Compared(group, [proc], port, sdk=sdk,
                    exporter=f"otlp_http:endpoint={Sink().url}/v1/traces")


def _python(group, argv, packages, instrumentation):
    """A Python program; what it needs besides Debian's, and what instruments its framework."""
    own = [pins.python_whole(package) for package in packages]
    distro, *others = [pins.python_whole(package) for package in (
        "opentelemetry-distro", "opentelemetry-exporter-otlp-proto-http", instrumentation)]
    return _compared(group, [procs.python(), *argv], _path(own),
                     [procs.python(), distro / "bin" / "opentelemetry-instrument"],
                     _path([*own, distro, *others]))


def _path(folders):
    return {"PYTHONPATH": ":".join(map(str, folders))}


def fastapi(group):
    return _python(group, ["-m", "uvicorn", "fastapi_app:app", "--log-level", "warning", "--port",
                           "{port}"],
                   ["fastapi", "uvicorn[standard]"], "opentelemetry-instrumentation-fastapi")


def flask(group):
    programs.need_module("flask")
    programs.need_module("gunicorn")
    return _python(group, ["-m", "gunicorn", "flask_app:app", "--workers", "2", "--log-level",
                           "warning", "--bind", "127.0.0.1:{port}"],
                   [], "opentelemetry-instrumentation-flask")


def node(group):
    package = "@opentelemetry/auto-instrumentations-node"
    modules = pins.node(package)
    return _compared(group, [programs.need("node"), "node.js", "{port}"], {}, [],
                     {"NODE_PATH": str(modules), "NODE_OPTIONS": f"--require {package}/register"})
