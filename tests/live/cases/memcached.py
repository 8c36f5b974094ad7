# SPDX-License-Identifier: Apache-2.0
"""Real memcached under real clients: as many spans as the server itself counts commands, on both
sides, and the same answers with and without the agent."""
import contextlib
import subprocess

from weft_harness import case, otlp, procs, programs, report, wire
from weft_harness.case import expect

# What a client does not wait for may reach the server when the client's span has ended.
_UNAWAITED = {"within_the_client": "noreply, quiet commands and quit are not waited for"}
_STORES = ("set", "add", "replace", "append", "prepend", "cas")
_COUNTERS = {
    "cmd_set": lambda name, keys: name in _STORES or name == "ms",
    "cmd_get": lambda name, keys: keys * (name in ("get", "gets", "gat", "gats", "mg")),
    "cmd_flush": lambda name, keys: name == "flush_all",
    "deletes": lambda name, keys: name in ("delete", "md"),
    "incrs": lambda name, keys: name == "incr",
    "decrs": lambda name, keys: name == "decr",
}


class _Server:
    """A server of its own, and what it counts."""

    def __init__(self, group):
        self.port = procs.free_port()
        argv = [programs.need("memcached"), "-u", "nobody", "-l", "127.0.0.1", "-p", self.port,
                "-U", "0", "-t", "2"]
        self.proc = group.start(argv, name="memcached")
        group.wait_port(self.port, self.proc)

    def counters(self):
        """Commands so far. Asked while no agent runs, so that it is no span."""
        with wire.connect_port(self.port) as conn:
            conn.sendall(b"stats\r\n")
            lines = wire.Reader(conn).until(b"\r\nEND\r\n").decode().splitlines()
        stats = dict(line.split(" ", 2)[1:] for line in lines if line.startswith("STAT "))
        found = {name: int(stats[name]) for name in ("cmd_set", "cmd_get", "cmd_flush")}
        for name in ("delete", "incr", "decr"):
            found[name + "s"] = int(stats[name + "_hits"]) + int(stats[name + "_misses"])
        return found


def _told(spans, kind, pid):
    return sorted((s for s in spans if (s.kind, s.pid) == (kind, pid) and
                   s.attributes.get("db.system.name") == "memcached"), key=lambda s: s.start)


def _counted(spans):
    """The server's counters, as the spans have it. Commands that failed are not in them."""
    out = dict.fromkeys(_COUNTERS, 0)
    for span in spans:
        words = span.attributes.get("db.query.text", "").split()
        name = span.attributes.get("db.operation.name")
        keys = len(words) - 1 if name in ("get", "gets") else 1
        for counter, counts in _COUNTERS.items():
            out[counter] += int(counts(name, keys)) if span.status != otlp.ERROR else 0
    return out


def _expect_counted(before, after, spans, server, client):
    """Both sides tell what the server counted, each server span under its client's."""
    counted = {name: after[name] - before[name] for name in after}
    for kind, pid in ((otlp.SERVER, server.proc.pid), (otlp.CLIENT, client)):
        told = _counted(_told(spans, kind, pid))
        expect(told == counted, f"kind {kind}: spans {told}, the server {counted}")
    clients = {s.span_id for s in _told(spans, otlp.CLIENT, client)}
    served = _told(spans, otlp.SERVER, server.proc.pid)
    expect(served and all(s.parent_id in clients for s in served), "a server span without its client")
    expect(len(served) == len(clients), f"{len(served)} server and {len(clients)} client spans")


def _compare(c, ask, **options):
    """Runs ask(port) → answers with and without the agent, in a process of its own each time."""
    plain, server = _Server(c.group), _Server(c.group)
    answers = [c.group.work / "plain", c.group.work / "traced"]

    def work(port, file):
        def run():
            file.write_text(repr(ask(port)))
            return 0
        return run

    c.client(work(plain.port, answers[0]))
    before = server.counters()
    with c.agent(**options) as tracer:
        client = c.client(work(server.port, answers[1]))
    expect(answers[0].read_text() == answers[1].read_text(), "the answers differ under the agent")
    _expect_counted(before, server.counters(), tracer.spans(), server, client)
    return tracer.spans(), server, client


def _pymemcache(port):
    from pymemcache.client.base import Client
    from pymemcache.exceptions import MemcacheClientError
    client = Client(("127.0.0.1", port), timeout=20)
    out = []
    for number in range(50):
        key = f"key{number}"
        out += [client.set(key, "v" * number * 100, noreply=False), client.get(key), client.get("no")]
        out += [client.add(key, "w", noreply=number % 2 == 0), client.gets(key)[0]]
        out += [client.delete(key, noreply=number % 3 == 0), client.set("n", "7"), client.incr("n", 2)]
    out += [client.get_many([f"key{n}" for n in range(20)]), client.decr("n", 1), client.decr("no", 1)]
    out += [client.set_many({"a": "1", "b": "2"}, noreply=False), client.get_many(["a", "b", "z"])]
    out += [client.append("a", "x"), client.prepend("a", "y", noreply=False), client.get("a")]
    out += [client.touch("a", 60, noreply=False), client.touch("no", 60, noreply=False)]
    unique = client.gets("a")[1]
    out += [client.cas("a", "3", unique), client.cas("a", "4", unique), client.cas("no", "4", unique)]
    try:
        client.incr("a", 1) if client.set("a", "text", noreply=False) else None
    except MemcacheClientError as error:
        out.append(str(error))
    out += [client.version(), client.flush_all(noreply=False), client.get("a")]
    client.quit()
    return out


def _pylibmc(port):
    import pylibmc
    client = pylibmc.Client([f"127.0.0.1:{port}"], binary=False)
    out = []
    for number in range(50):
        out += [client.set(f"k{number}", b"v" * number * 500), client.get(f"k{number}")]
        out += [client.get("no"), client.add(f"k{number}", "w"), client.replace("no", "w")]
    out += [client.get_multi([f"k{n}" for n in range(30)]), client.set("n", 1), client.incr("n", 5)]
    out += [client.decr("n", 2), client.delete("k1"), client.delete("k1"), client.append("k2", b"x")]
    out += [client.set_multi({"a": "1", "b": "2"}), client.get_multi(["a", "b", "z"])]
    client.disconnect_all()
    return out


def _errors(spans, kind, pid):
    return [(s.name, s.attributes["error.type"]) for s in _told(spans, kind, pid)
            if "error.type" in s.attributes]


@case.case
def memcached_pymemcache(c):
    programs.need("memcached")
    programs.need_module("pymemcache")
    spans, server, client = _compare(c, _pymemcache, except_for=_UNAWAITED)
    for kind, pid in ((otlp.SERVER, server.proc.pid), (otlp.CLIENT, client)):
        found = _errors(spans, kind, pid)
        expect(found == [("incr", "CLIENT_ERROR")], f"kind {kind}: errors {found}")


@case.case
def memcached_pylibmc(c):
    programs.need("memcached")
    programs.need_module("pylibmc")
    spans, server, client = _compare(c, _pylibmc, except_for=_UNAWAITED)
    for kind, pid in ((otlp.SERVER, server.proc.pid), (otlp.CLIENT, client)):
        expect(not _errors(spans, kind, pid), f"kind {kind}: {_errors(spans, kind, pid)}")


def _run(c, argv):
    """(pid, exit code, output) of a program that ends by itself."""
    with subprocess.Popen([str(word) for word in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as proc:
        output = proc.communicate(timeout=60)[0]
    return proc.pid, proc.returncode, output


@case.case
def memcached_memccapable(c):
    """libmemcached's own test of a server, classic commands: noreply, errors, all of them."""
    programs.need("memcached")
    tool = programs.need("memccapable", "libmemcached-tools is not installed")
    plain, server = _Server(c.group), _Server(c.group)
    _, _, wanted = _run(c, [tool, "-h", "127.0.0.1", "-p", plain.port, "-a"])
    before = server.counters()
    with c.agent(except_for=_UNAWAITED) as tracer:
        client, _, output = _run(c, [tool, "-h", "127.0.0.1", "-p", server.port, "-a"])
    expect(output == wanted, f"under the agent: {output[-300:]}")
    _expect_counted(before, server.counters(), tracer.spans(), server, client)


@case.case
def memcached_memcslap(c):
    """Load of several threads, a connection each."""
    programs.need("memcached")
    tool = programs.need("memcslap", "libmemcached-tools is not installed")
    server = _Server(c.group)
    before = server.counters()
    with c.agent(except_for=_UNAWAITED) as tracer:
        client, code, output = _run(c, [tool, f"--servers=127.0.0.1:{server.port}", "--test=get",
                                        "--concurrency=4", "--execute-number=50",
                                        "--initial-load=50"])
        lost = tracer.counter("weft.kernel.ring_full")
    expect(code == 0, output[-300:])
    if lost:
        raise report.Skip(f"{lost} events did not fit the ring buffer: a busy machine")
    _expect_counted(before, server.counters(), tracer.spans(), server, client)


# Sent, awaited, told. Quiet commands are told by the answer that comes behind them.
_META = (
    (b"ms a 5 T60\r\nhello\r\n", b"HD\r\n", ["ms a ? T?"]),
    (b"mg a s v k O1\r\n", b"VA 5 s5 ka O1\r\nhello\r\n", ["mg a s v k O?"]),
    (b"mg no v\r\n", b"EN\r\n", ["mg no v"]),
    (b"ms a 1 ME q O2\r\nx\r\nmg no v q O3\r\nmg a v q O4\r\nmn\r\n",
     b"NS O2\r\nVA 5 O4\r\nhello\r\nMN\r\n",
     ["ms a ? M? q O?", "mg no v q O?", "mg a v q O?", "mn"]),
    (b"ms b 1 q\r\n7\r\nma b v\r\n", b"VA 1\r\n8\r\n", ["ms b ? q", "ma b v"]),
    (b"mg a v k q\r\nmg b v k q\r\nmd no q\r\nmn\r\n",
     b"VA 5 ka\r\nhello\r\nVA 1 kb\r\n8\r\nNF\r\nMN\r\n", ["mg a v k q", "mg b v k q", "md no q", "mn"]),
    (b"md b\r\n", b"HD\r\n", ["md b"]),
    (b"set c 0 0 1 noreply\r\nx\r\ndelete c noreply\r\nget c\r\n", b"END\r\n",
     ["set c ? ? ? noreply", "delete c noreply", "get c"]),
    (b"set big 0 0 2000000\r\n" + b"x" * 2000000 + b"\r\nget big\r\n",
     b"SERVER_ERROR object too large for cache\r\nEND\r\n",
     ["set big ? ? ? SERVER_ERROR", "get big"]),
    (b"nonsense\r\n", b"ERROR\r\n", [" ERROR"]),
    (b"mg a v q\r\nmg a v q\r\nmg no v q\r\nmn\r\n", b"VA 5\r\nhello\r\nVA 5\r\nhello\r\nMN\r\n", None),
    (b"mn\r\n", b"MN\r\n", ["mn"]),
)


def _pair(span):
    error = span.attributes.get("error.type")
    return span.attributes.get("db.query.text", "") + (f" {error}" if error else "")


@case.case
def memcached_meta(c):
    """Meta commands, quiet ones among them, by hand: no library speaks them."""
    server = _Server(c.group)

    def work():
        with wire.connect_port(server.port) as conn:
            reader = wire.Reader(conn)
            for sent, awaited, _ in _META:
                conn.sendall(sent)
                got = reader.exactly(len(awaited))
                if got != awaited:
                    print(f"{sent[:60]}: {got}", flush=True)
                    return 1
        return 0

    with c.agent(except_for=_UNAWAITED) as tracer:
        client = c.client(work)
    certain = [pair for _, _, told in _META for pair in told or []]
    for kind, pid in ((otlp.SERVER, server.proc.pid), (otlp.CLIENT, client)):
        told = [_pair(s) for s in _told(tracer.spans(), kind, pid)]
        maybe = [pair for pair in told if pair not in ("mg a v q", "mg no v q")]
        # Of three quiet ones two are answered, and the answers do not say which.
        expect(maybe == certain[:-1] + ["mn"] * 2, f"kind {kind}: {maybe} instead of {certain}")


@case.case
def memcached_large_values(c):
    """More than is captured of a message: none is lost where the client waits for each answer."""
    server = _Server(c.group)
    value = b"END\r\n" * 100000

    def ask(conn, reader, request, end):
        conn.sendall(request)
        return reader.until(end).endswith(end)

    def work():
        with wire.connect_port(server.port) as conn:
            reader = wire.Reader(conn)
            for number in range(10):
                head = f"set k{number} 0 0 {len(value)}\r\n".encode()
                if not ask(conn, reader, head + value + b"\r\n", b"STORED\r\n"):
                    return 1
            for keys in ("k1", "k2 k3 no k4", "k0 k1 k2 k3 k4 k5 k6 k7 k8 k9", "no"):
                conn.sendall(f"get {keys}\r\n".encode())
                for _ in range(len([k for k in keys.split() if k != "no"])):
                    reader.until(b"\r\n")
                    reader.exactly(len(value) + 2)
                if reader.exactly(5) != b"END\r\n":
                    return 1
        return 0

    before = server.counters()
    with c.agent() as tracer:
        client = c.client(work)
    _expect_counted(before, server.counters(), tracer.spans(), server, client)


@case.case
def memcached_binary_protocol(c):
    """The binary protocol is another one: no span, and the answers are the same."""
    programs.need("memcached")
    tool = programs.need("memccapable", "libmemcached-tools is not installed")
    server = _Server(c.group)
    with c.agent() as tracer:
        client, _, _ = _run(c, [tool, "-h", "127.0.0.1", "-p", server.port, "-b"])
    with contextlib.suppress(StopIteration):
        span = next(s for s in tracer.spans() if s.pid in (client, server.proc.pid))
        expect(False, f"told: {span}")
