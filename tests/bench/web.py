# SPDX-License-Identifier: Apache-2.0
"""Web servers under wrk, which stands for another host: the server alone is traced."""
import dataclasses
import http.client
import pathlib
import subprocess

from weft_harness import procs, programs
from measure import Load
import paced

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Web:
    """The methods are the interface of every scenario (scenarios.py)."""
    group: object
    proc: object
    port: int
    path: str = "/"
    connections: int = 32
    _conn: http.client.HTTPConnection = None

    def pids(self):
        return [self.proc.pid, *procs.children(self.proc.pid)]

    def targets(self):
        return ["--pid", str(self.proc.pid)]

    def prepare(self):
        """Nothing is left of the run before."""

    def load(self, seconds):
        argv = [programs.need("wrk"), "-t1", f"-c{self.connections}", f"-d{seconds}s", "--latency",
                "-s", HERE / "summary.lua", f"http://127.0.0.1:{self.port}{self.path}"]
        done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False)
        figures = [line.split() for line in done.stdout.splitlines() if line.startswith("figures ")]
        if done.returncode != 0 or not figures:
            raise RuntimeError(f"wrk: {done.stdout[-300:]}{done.stderr[-300:]}")
        _, requests, duration, p99, errors = figures[0]
        return Load(int(requests), float(duration), float(p99), int(errors))

    def paced(self, seconds, rate):
        request = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n"
        return paced.requests(self.group, self.port, self.connections, request.encode(), rate,
                              seconds)

    def touch(self):
        """On one connection, kept from the first call on: the server may close it meanwhile."""
        self._conn = self._conn or http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        self._conn.request("GET", self.path)
        self._conn.getresponse().read()


def go_hello(group):
    binary = programs.build_go(HERE / "hello.go", group.work / "hello")
    port = procs.free_port()
    proc = group.start([binary, port], name="hello")
    group.wait_port(port, proc)
    return Web(group, proc, port)


def nginx_static(group):
    programs.documents(group.work / "docs")
    nginx = programs.need("nginx")
    port = procs.free_port()
    conf = programs.template(HERE / "nginx.conf", group.work / "nginx.conf", WORK=group.work,
                             PORT=port)
    proc = group.start([nginx, "-c", conf, "-e", "stderr"], name="nginx")
    group.wait_port(port, proc)
    return Web(group, proc, port, path="/ok")
