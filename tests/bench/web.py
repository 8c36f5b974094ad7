# SPDX-License-Identifier: Apache-2.0
"""Web servers under wrk, which stands for another host: the servers alone are traced."""
import dataclasses
import http.client
import pathlib
import subprocess

from weft_harness import chains, procs, programs
from measure import Load
import paced

HERE = pathlib.Path(__file__).resolve().parent
_KB = 1 << 10


@dataclasses.dataclass
class Web:
    """The methods are the interface of every scenario (scenarios.py)."""
    group: object
    servers: list  # processes; the first one is asked
    port: int
    path: str = "/"
    connections: int = 32
    _conn: http.client.HTTPConnection = None

    def pids(self):
        return [pid for proc in self.servers for pid in (proc.pid, *procs.children(proc.pid))]

    def targets(self):
        return [flag for proc in self.servers for flag in ("--pid", str(proc.pid))]

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

    def request(self):
        """Its text."""
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n"

    def paced(self, seconds, rate):
        return paced.requests(self.group, self.port, self.connections, self.request(), rate,
                              seconds)

    def touch(self):
        """On one connection, kept from the first call on: the server may close it meanwhile."""
        self._conn = self._conn or http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        self._conn.request("GET", self.path)
        self._conn.getresponse().read()


def go_hello(group):
    binary = programs.build_go(HERE / "hello" / "hello.go", group.work / "hello")
    port = procs.free_port()
    proc = group.start([binary, port], name="hello")
    group.wait_port(port, proc)
    return Web(group, [proc], port)


def _nginx(group, conf="nginx.conf", **values):
    """(process, port) of one with the files of group.work / "docs", its own in a folder beside."""
    work = programs.documents(group.work / "docs").parent / conf.replace(".", "_")
    work.mkdir()
    port = procs.free_port()
    conf = programs.template(HERE / conf, work / "nginx.conf", WORK=work, PORT=port, **values)
    proc = group.start([programs.need("nginx"), "-c", conf, "-e", "stderr"], name="nginx")
    group.wait_port(port, proc)
    return proc, port


def nginx_static(group):
    proc, port = _nginx(group)
    return Web(group, [proc], port, path="/ok")


class Kept(Web):
    """Connections that are open before the load, with a request on each, and take turns in it."""
    RATE = 5000  # requests a second
    _generator = None

    def prepare(self):
        if self._generator:
            self._generator.end()
        self._generator = paced.generator(self.group, self.port, self.connections, self.request())
        self._generator.run(self.RATE, self.connections / self.RATE)

    def load(self, seconds):
        return self._generator.run(self.RATE, seconds)


def _kept(group, connections):
    proc, port = _nginx(group)
    return Kept(group, [proc], port, path="/ok", connections=connections)


def conns_10(group):
    return _kept(group, 10)


def conns_10k(group):
    return _kept(group, 10_000)


def _large_bodies(group, size):
    """From another nginx, which is not traced."""
    _, behind = _nginx(group)
    (group.work / "docs" / "body").write_bytes(bytes(range(256)) * (size // 256))
    proc, port = _nginx(group, "nginx_proxy.conf", UPSTREAM=behind)
    return Web(group, [proc], port, path="/body")


def large_bodies_64k(group):
    return _large_bodies(group, 64 * _KB)


def large_bodies_1m(group):
    return _large_bodies(group, 1024 * _KB)


def chain_go(group):
    chain = chains.go(group)
    return Web(group, [proc for proc, _ in chain.hops], chain.port)
