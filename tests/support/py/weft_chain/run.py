# SPDX-License-Identifier: Apache-2.0
"""Starts the chain's programs as processes of this host."""
import http.client
import os
import pathlib
import subprocess

from weft_harness import procs

from . import check

PROGRAM = pathlib.Path(__file__).resolve().with_name("services.py")


def start_service(group, name, next_port=0, timeout=60):
    """One service in its own process; its port once it listens."""
    port = procs.free_port()
    proc = group.start([procs.python(), PROGRAM, "serve", port, next_port], name=name,
                       env={"OTEL_SERVICE_NAME": name})
    group.wait_port(port, proc, timeout)
    return port


def start_services(group):
    """B, and A in front of it; the port of A."""
    return start_service(group, check.A, start_service(group, check.B))


def send_requests(port, count, threads=4):
    """The caller's exit code: 0 when every answer was right."""
    argv = [procs.python(), str(PROGRAM), "call", str(port), str(count), str(threads)]
    return subprocess.run(argv, env={**os.environ, "OTEL_SERVICE_NAME": check.CALLER},
                          timeout=120, check=False).returncode


def enough(count):
    """For Agent.wait_spans: all spans of count requests are there."""
    return lambda spans: sum(map(check.belongs, spans)) >= count * len(check.LINKS)


def healthy(admin_port):
    """The agent behind the port, started by somebody else than agent.Agent, traces."""
    if not procs.is_listening(admin_port):
        return False
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
