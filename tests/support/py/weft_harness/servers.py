# SPDX-License-Identifier: Apache-2.0
"""The table of real servers: each entry starts one and says what differs from routes.py."""
import dataclasses

from . import procs, programs

APPS = procs.repo_root() / "tests" / "live" / "servers"


@dataclasses.dataclass
class Running:
    """A started server. tiers: (process, port) of each server in the chain, front first."""
    tiers: list
    overrides: dict = dataclasses.field(default_factory=dict)  # kind → status

    @property
    def port(self):
        return self.tiers[0][1]

    def pids(self, tier=0):
        """The tier's process and its workers, as of now."""
        proc = self.tiers[tier][0]
        return {proc.pid, *procs.children(proc.pid)}


def _serve(group, argv, port, name, **kw):
    proc = group.start(argv, name=name, cwd=kw.pop("cwd", APPS), env=_QUIET, **kw)
    group.wait_port(port, proc)
    return proc, port


_QUIET = {"PYTHONDONTWRITEBYTECODE": "1"}


def http_server(group):
    port = procs.free_port()
    return Running([_serve(group, [procs.python(), "http_server.py", port], port, "http_server")])


def flask(group):
    programs.need_module("flask")
    port = procs.free_port()
    return Running([_serve(group, [procs.python(), "flask_app.py", port], port, "flask")])


def gunicorn(group):
    programs.need_module("flask")
    programs.need_module("gunicorn")
    port = procs.free_port()
    argv = [procs.python(), "-m", "gunicorn", "--workers", "2", "--worker-class", "sync",
            "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "flask_app:app"]
    server = Running([_serve(group, argv, port, "gunicorn")])
    procs.wait_until(lambda: len(server.pids()) == 3, 10)
    return server


def uvicorn(group):
    programs.need_module("fastapi")
    programs.need_module("uvicorn")
    port = procs.free_port()
    argv = [procs.python(), "-m", "uvicorn", "--port", port, "--log-level", "warning",
            "asgi_app:app"]
    return Running([_serve(group, argv, port, "uvicorn")])


def nginx_static(group):
    programs.documents(group.work / "docs")
    # A 405 for POST is what a static nginx answers.
    return Running([start_nginx(group, APPS / "nginx_static.conf")], {"echo": 405})


def nginx_proxy(group):
    port = procs.free_port()
    behind = _serve(group, [procs.python(), "http_server.py", port], port, "upstream")
    return Running([start_nginx(group, APPS / "nginx_proxy.conf", UPSTREAM=port), behind])


def start_nginx(group, conf, **values):
    """(process, port) of an nginx on a configuration template."""
    nginx = programs.need("nginx")
    port = procs.free_port()
    out = programs.template(conf, group.work / "nginx.conf", WORK=group.work, PORT=port, **values)
    return _serve(group, [nginx, "-c", out, "-e", "stderr"], port, "nginx", cwd=group.work)


def apache(group):
    apache2 = programs.need("apache2")
    modules = "/usr/lib/apache2/modules"
    programs.documents(group.work / "docs")
    port = procs.free_port()
    conf = programs.template(APPS / "apache.conf", group.work / "apache.conf", WORK=group.work,
                             PORT=port, MODULES=modules)
    return Running([_serve(group, [apache2, "-DFOREGROUND", "-f", conf], port, "apache",
                           cwd=group.work)])


def node(group):
    port = procs.free_port()
    return Running([_serve(group, [programs.need("node"), "node.js", port], port, "node")])


def go(group):
    binary = programs.build_go(APPS / "server.go", group.work / "go_server")
    port = procs.free_port()
    return Running([_serve(group, [binary, port], port, "go")])


def java(group):
    classes = programs.build_java(APPS / "Server.java", group.work)
    port = procs.free_port()
    argv = [programs.need("java"), "-Dsun.net.httpserver.nodelay=true", "-cp", classes, "Server",
            port]
    return Running([_serve(group, argv, port, "java")])


TABLE = {f.__name__: f for f in (http_server, flask, gunicorn, uvicorn, nginx_static, nginx_proxy,
                                 apache, node, go, java)}
