# SPDX-License-Identifier: Apache-2.0
"""Connections whose other end is the agent itself: whoever receives our spans or asks us."""
import ctypes
import gzip
import os
import socket
import subprocess
import time

from weft_harness import agent, case, procs, programs, report, wire
from weft_harness.case import expect

ROUNDS = 5  # of traffic, each seen in an export before the next: a trace without end has begun
SILENCE = 10  # s
CLONE_NEWNET = 0x40000000
PORT = 0x4e20


class Receiver:
    """A forked process that takes every POST, of no name anybody knows; what came, in a file."""

    def __init__(self, c, address=("127.0.0.1", 0), enter=None):
        self.log = c.group.work / "received"
        self.log.touch()
        ready, told = os.pipe()
        self.listener = None if enter else wire.listen(address=address)
        go, begin = os.pipe()

        def work():
            listener = self.listener
            if enter:
                enter()
                os.write(told, b".")
                os.read(go, 1)
                listener = wire.listen(address=address)
            os.write(told, b".")
            return wire.serve(listener, self._take)

        self.pid = c.fork(work)
        self._ready, self._begin = ready, begin
        os.read(ready, 1)

    def placed(self):
        """The receiver's own network is there: it may listen."""
        os.write(self._begin, b".")
        os.read(self._ready, 1)

    def _take(self, conn):
        reader = wire.Reader(conn)
        while message := reader.message():
            body = message[2]
            if message[1].get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            with open(self.log, "ab") as log:
                log.write(body)
            conn.sendall(wire.response_bytes(b""))

    def has(self, text):
        return text in self.log.read_bytes()


def exporting(c, url, flags=()):
    """An agent that traces everything (or what the flags say) and sends to the receiver."""
    return agent.Agent(c.group, c.weft, flags,
                       exporter=f"otlp_http:endpoint={url},schedule_delay=100")


def traffic_until_seen(c, listener, receiver, label):
    for n in range(ROUNDS):
        path = f"/{label}/{n}"
        c.client(case.ask_all(listener, [path]))
        expect(procs.wait_until(lambda p=path: receiver.has(p.encode()), 20.0),
               f"{path} was never exported")


def never_told(receiver):
    expect(not receiver.has(b"/v1/traces"), "the export itself was exported")


@case.case
def export_to_a_local_receiver(c):
    """An unknown program on this host takes our spans: it has no spans for that."""
    receiver = Receiver(c)
    listener, _ = c.server()
    port = receiver.listener.getsockname()[1]
    with exporting(c, f"http://127.0.0.1:{port}/v1/traces"):
        traffic_until_seen(c, listener, receiver, "local")
    never_told(receiver)


@case.case
def nothing_is_exported_of_an_idle_host(c):
    """After the one export of the one request there was, silence."""
    receiver = Receiver(c)
    listener, server = c.server()
    port = receiver.listener.getsockname()[1]
    flags = [word for pid in (receiver.pid, server) for word in ("--pid", pid)]
    with exporting(c, f"http://127.0.0.1:{port}/v1/traces", flags):
        traffic_until_seen(c, listener, receiver, "idle")
        before = receiver.log.stat().st_size
        time.sleep(SILENCE)
        expect(receiver.log.stat().st_size == before, "an idle host exports")
    never_told(receiver)


def _in_another_network(c, translated):
    """translated: the receiver listens at another port than the agent connects to."""
    ip = programs.need("ip")
    libc = ctypes.CDLL(None, use_errno=True)

    def enter():
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")

    port = PORT + 1 if translated else PORT
    receiver = Receiver(c, address=("10.231.77.2", port), enter=enter)
    made = subprocess.run([ip, "link", "add", "weft-own0", "type", "veth", "peer", "name",
                           "weft-own1", "netns", str(receiver.pid)], check=False,
                          capture_output=True, text=True)
    if made.returncode != 0:
        raise report.Skip(f"no veth here: {made.stderr.strip()}")
    try:
        run = lambda *argv: subprocess.run(argv, check=True)
        enter_it = [programs.need("nsenter"), "-t", str(receiver.pid), "-n"]
        run(ip, "addr", "add", "10.231.77.1/30", "dev", "weft-own0")
        run(ip, "link", "set", "weft-own0", "up")
        run(*enter_it, ip, "addr", "add", "10.231.77.2/30", "dev", "weft-own1")
        run(*enter_it, ip, "link", "set", "weft-own1", "up")
        if translated:
            _translate(enter_it)
        receiver.placed()
        listener, _ = c.server()
        with exporting(c, f"http://10.231.77.2:{PORT}/v1/traces"):
            traffic_until_seen(c, listener, receiver, "netns")
        never_told(receiver)
    finally:
        subprocess.run([ip, "link", "del", "weft-own0"], check=False)


def _translate(enter_it):
    done = subprocess.run([*enter_it, programs.need("iptables"), "-t", "nat", "-A", "PREROUTING",
                           "-p", "tcp", "--dport", str(PORT), "-j", "REDIRECT", "--to-ports",
                           str(PORT + 1)], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise report.Skip(f"no address translation here: {done.stderr.strip()}")


@case.case
def export_to_another_network_namespace(c):
    """The same when the receiver has a network of its own."""
    _in_another_network(c, translated=False)


@case.case
def export_through_address_translation(c):
    """The two ends do not know each other's addresses."""
    _in_another_network(c, translated=True)


@case.case
def admin_endpoint_is_asked(c):
    """Somebody scrapes the admin endpoint: no span on his side, and nothing counted as lost."""
    asked = ("/metrics", "/healthz")
    listener, server = c.server()
    with agent.Agent(c.group, c.weft) as tracer:
        def work():
            for n in range(40):
                with socket.create_connection(("127.0.0.1", tracer.admin_port), 20) as conn:
                    for path in asked[n % 2:]:  # kept, and closed after one
                        if wire.ask(conn, path)[0] != 200:
                            return 1
            return 0

        c.client(work)
        client = c.client(case.ask_all(listener, ["/seen"]))
        tracer.wait_spans(lambda spans: any(s.path == "/seen" and s.is_server for s in spans))
    spans = tracer.spans()
    told = [s for s in spans if s.path in asked]
    expect(not told, f"{len(told)} spans of the admin endpoint: {told[:2]}")
    case.expect_paths(spans, server, client, ["/seen"])
