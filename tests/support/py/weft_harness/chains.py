# SPDX-License-Identifier: Apache-2.0
"""Chains of three services, front → middle → back, one table entry a runtime."""
import dataclasses
import http.client
import threading

from . import procs, programs, servers

APPS = procs.repo_root() / "tests" / "live" / "chain"


@dataclasses.dataclass
class Chain:
    """Started hops: (process, port), front first. polled: the service a timer asks, if any."""
    hops: list
    polled: object = None

    @property
    def port(self):
        return self.hops[0][1]

    def pids(self):
        """One set of pids a hop."""
        return [{proc.pid, *procs.children(proc.pid)} for proc, _ in self.hops]


def _start(group, argv, name, port, *more):
    proc = group.start([*argv, port, *[m for m in more if m is not None]], name=name, cwd=APPS,
                       env={"PYTHONDONTWRITEBYTECODE": "1"})
    group.wait_port(port, proc)
    return proc, port


def _line(group, front, middle, back, poll=False):
    """Starts the hops back to front; each argument is an argv."""
    polled = _start(group, [procs.python(), "threads.py"], "polled", procs.free_port()) \
        if poll else None
    last = _start(group, back, "back", procs.free_port())
    mid = _start(group, middle, "middle", procs.free_port(), last[1])
    first = _start(group, front, "front", procs.free_port(), mid[1], polled and polled[1])
    return Chain([first, mid, last], polled)


def _python(script, *modules):
    for module in modules:
        programs.need_module(module)
    return [procs.python(), script]


def threads(group):
    hop = _python("threads.py", "urllib3")
    return _line(group, _python("flask_hop.py", "flask", "requests"), hop, hop)


def asyncio(group, poll=False):
    hop = _python("aio.py", "aiohttp")
    return _line(group, hop, _python("asgi.py", "fastapi", "uvicorn", "httpx"), hop, poll)


def node(group, poll=False):
    hop = [programs.need("node"), "node.js"]
    return _line(group, hop, hop, hop, poll)


def go(group):
    hop = [programs.build_go(APPS / "hop.go", group.work / "hop")]
    return _line(group, hop, hop, hop)


def java(group):
    programs.build_java(APPS / "Hop.java", group.work)
    # One kept client connection a thread: the default of 5 would close the others at random.
    hop = [programs.need("java"), "-Dhttp.maxConnections=64",
           "-Dsun.net.httpserver.nodelay=true", "-cp", group.work, "Hop"]
    return _line(group, hop, hop, hop)


def nginx(group):
    hop = _python("threads.py", "urllib3")
    last = _start(group, hop, "back", procs.free_port())
    mid = _start(group, hop, "middle", procs.free_port(), last[1])
    conf = servers.APPS / "nginx_proxy.conf"
    return Chain([servers.start_nginx(group, conf, UPSTREAM=mid[1]), mid, last])


def asyncio_timer(group):
    return asyncio(group, poll=True)


def node_timer(group):
    return node(group, poll=True)


TABLE = {f.__name__: f for f in (threads, asyncio, node, go, java, nginx, asyncio_timer,
                                 node_timer)}


def send_load(port, paths, concurrency, method="GET"):
    """Asks for every path over `concurrency` kept connections; returns what went wrong."""
    todo = iter(paths)
    lock = threading.Lock()
    problems = []

    def worker():
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                path = next(todo, None)
            if path is None:
                break
            try:
                conn.request(method, path)
                answer = conn.getresponse()
                if answer.read() != b"leaf\n":
                    problems.append(f"{path}: status {answer.status}")
            except OSError as error:
                problems.append(f"{path}: {error}")
                conn.close()
        conn.close()

    workers = [threading.Thread(target=worker) for _ in range(concurrency)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return problems
