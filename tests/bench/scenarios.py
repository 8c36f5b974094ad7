# SPDX-License-Identifier: Apache-2.0
"""The benchmark's scenarios: one entry each, a server to put under wrk."""
import dataclasses
import pathlib

from weft_harness import procs, programs

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Server:
    proc: object
    port: int
    path: str = "/"
    connections: int = 32

    def pids(self):
        return [self.proc.pid, *procs.children(self.proc.pid)]


def go_hello(group):
    binary = programs.build_go(HERE / "hello.go", group.work / "hello")
    port = procs.free_port()
    proc = group.start([binary, port], name="hello")
    group.wait_port(port, proc)
    return Server(proc, port)


def nginx_static(group):
    programs.documents(group.work / "docs")
    nginx = programs.need("nginx")
    port = procs.free_port()
    conf = programs.template(HERE / "nginx.conf", group.work / "nginx.conf", WORK=group.work,
                             PORT=port)
    proc = group.start([nginx, "-c", conf, "-e", "stderr"], name="nginx")
    group.wait_port(port, proc)
    return Server(proc, port, path="/ok")


TABLE = {f.__name__: f for f in (go_hello, nginx_static)}
