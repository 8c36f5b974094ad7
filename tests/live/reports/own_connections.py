# SPDX-License-Identifier: Apache-2.0
"""Connections whose other end is the agent itself: whoever receives our spans or asks us."""
import ctypes
import gzip
import os
import socket
import subprocess

from weft_harness import agent, case, procs, programs, report, wire
from weft_harness.case import expect

ROUNDS = 5  # of traffic, each seen in an export before the next: a trace without end has begun
CLONE_NEWNET = 0x40000000


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


def exporting(c, url):
    """An agent that traces everything and sends to the receiver."""
    return agent.Agent(c.group, c.weft, exporter=f"otlp_http:endpoint={url},schedule_delay=100")


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
def export_to_another_network_namespace(c):
    """The same when the receiver has a network of its own."""
    ip = programs.need("ip")
    libc = ctypes.CDLL(None, use_errno=True)

    def enter():
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")

    receiver = Receiver(c, address=("10.231.77.2", 0x4e20), enter=enter)
    made = subprocess.run([ip, "link", "add", "weft-own0", "type", "veth", "peer", "name",
                           "weft-own1", "netns", str(receiver.pid)], check=False,
                          capture_output=True, text=True)
    if made.returncode != 0:
        raise report.Skip(f"no veth here: {made.stderr.strip()}")
    try:
        run = lambda *argv: subprocess.run(argv, check=True)
        inside = [programs.need("nsenter"), "-t", str(receiver.pid), "-n", ip]
        run(ip, "addr", "add", "10.231.77.1/30", "dev", "weft-own0")
        run(ip, "link", "set", "weft-own0", "up")
        run(*inside, "addr", "add", "10.231.77.2/30", "dev", "weft-own1")
        run(*inside, "link", "set", "weft-own1", "up")
        receiver.placed()
        listener, _ = c.server()
        with exporting(c, f"http://10.231.77.2:{0x4e20}/v1/traces"):
            traffic_until_seen(c, listener, receiver, "netns")
        never_told(receiver)
    finally:
        subprocess.run([ip, "link", "del", "weft-own0"], check=False)


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
