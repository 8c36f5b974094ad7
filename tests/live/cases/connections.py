# SPDX-License-Identifier: Apache-2.0
"""Kinds of sockets and the ways they end."""
import contextlib
import os
import socket
import subprocess
import threading

from weft_harness import case, otlp, wire
from weft_harness.case import expect


@case.case
def reset_by_the_server(c):
    """A request answered with RST: the client's span fails, and says how."""
    def handle(conn):
        wire.Reader(conn).message()
        wire.reset_on_close(conn)

    client_span, server_span = _unanswered(c, handle)
    case.expect_error(client_span)
    expect(client_span.attributes["error.type"] == "connection_reset",
           f"error.type is {client_span.attributes['error.type']!r}")
    expect(server_span.code is None, f"{server_span}: a status code although none was sent")


@case.case
def closed_by_the_server(c):
    """A request and no answer, closed in good order: the client's span fails."""
    client_span, server_span = _unanswered(c, lambda conn: wire.Reader(conn).message())
    case.expect_error(client_span)
    expect(server_span.code is None, f"{server_span}: a status code although none was sent")


def _unanswered(c, handle):
    with c.agent() as tracer:
        listener, server = c.server(handle)

        def work():
            with wire.connect(listener) as conn:
                try:
                    wire.ask(conn, "/unanswered")
                except ConnectionError:
                    return 0
            return 1

        client = c.client(work)
    spans = tracer.spans()
    return case.only(spans, otlp.CLIENT, client), case.only(spans, otlp.SERVER, server)


@case.case
def client_gives_up(c):
    """The client leaves before the answer: one span on either side, no status on its own."""
    left, told = os.pipe()

    def handle(conn):
        wire.Reader(conn).message()
        os.read(left, 1)
        conn.sendall(wire.response_bytes())

    with c.agent() as tracer:
        listener, server = c.server(handle)

        def work():
            with wire.connect(listener) as conn:
                conn.sendall(wire.request_bytes("/given-up"))
            return 0

        client = c.client(work)
        os.write(told, b".")
    case.only(tracer.spans(), otlp.SERVER, server)
    span = case.only(tracer.spans(), otlp.CLIENT, client)
    expect(span.code is None, f"{span}: a status code although none was received")


@case.case
def fork_inherited_socket(c):
    """accept in the parent, recv and send in a child: the child's span."""
    def serve():
        while True:
            conn, _ = listener.accept()
            child = os.fork()
            if child == 0:
                wire.answer_all(conn, body=b"%d\n" % os.getpid())
                os._exit(0)
            conn.close()
            os.waitpid(child, 0)

    with c.agent() as tracer:
        listener = wire.listen()
        parent = c.fork(serve)
        answers = c.group.work / "answers"

        def work():
            with wire.connect(listener) as conn:
                answers.write_bytes(b"".join(wire.ask(conn, f"/{n}")[1] for n in range(3)))
            return 0

        client = c.client(work)
    child = int(answers.read_text().split()[0])
    expect(not case.paths_of(tracer.spans(), otlp.SERVER, parent), "the parent has spans")
    case.expect_paths(tracer.spans(), child, client, ["/0", "/1", "/2"])


@case.case
def unix_stream_socket(c):
    """HTTP over a Unix socket: joined as over TCP."""
    path = str(c.group.work / "server.sock")
    with c.agent() as tracer:
        listener, server = c.server(family=socket.AF_UNIX, address=path)
        client = c.client(case.ask_all(listener, ["/unix/1", "/unix/2"]))
        subprocess.run(["curl", "-sS", "--unix-socket", path, "-o", "/dev/null",
                        "http://localhost/unix/curl"], check=True)
    spans = tracer.spans()
    client_spans = case.paths_of(spans, otlp.CLIENT, client)
    expect(client_spans == ["/unix/1", "/unix/2"], f"client spans {client_spans}")
    served = case.paths_of(spans, otlp.SERVER, server)
    expect(served == ["/unix/1", "/unix/2", "/unix/curl"], f"server spans {served}")
    index = otlp.Index(spans)
    for span in spans:
        if span.is_server and span.pid == server:
            above = index.parent(span)
            expect(above and above.path == span.path, f"{span}: parent is {above}")
            transport = span.attributes.get("network.transport")
            expect(transport in (None, "unix"), f"{span}: network.transport is {transport!r}")


@case.case
def ipv6(c):
    with c.agent() as tracer:
        listener, server = c.server(family=socket.AF_INET6, address=("::1", 0))
        client = c.client(case.ask_all(listener, ["/six/1", "/six/2"]))
    case.expect_paths(tracer.spans(), server, client, ["/six/1", "/six/2"])
    span = case.only(tracer.spans(), otlp.CLIENT, client, "/six/1")
    expect(span.attributes.get("network.peer.address") == "::1",
           f"network.peer.address is {span.attributes.get('network.peer.address')!r}")


@case.case
def ipv4_mapped(c):
    """A dual-stack listener reached over IPv4: the address is written as IPv4."""
    with c.agent() as tracer:
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", 0))
        listener.listen(8)
        server = c.fork(lambda: wire.serve(listener))

        def work():
            with socket.create_connection(("127.0.0.1", listener.getsockname()[1])) as conn:
                return 0 if wire.ask(conn, "/mapped")[0] == 200 else 1

        client = c.client(work)
    case.expect_paths(tracer.spans(), server, client, ["/mapped"])
    span = case.only(tracer.spans(), otlp.SERVER, server)
    expect(span.attributes.get("network.peer.address") == "127.0.0.1",
           f"network.peer.address is {span.attributes.get('network.peer.address')!r}")


@case.case
def fd_reuse(c):
    """The same descriptor number for two servers in turn: every span has its own peer."""
    with c.agent() as tracer:
        listeners = [c.server() for _ in range(2)]

        def work():
            for number in range(100):
                with wire.connect(listeners[number % 2][0]) as conn:
                    if wire.ask(conn, f"/{number % 2}/{number}")[0] != 200:
                        return 1
            return 0

        client = c.client(work)
    spans = tracer.spans()
    for which, (listener, server) in enumerate(listeners):
        wanted = [f"/{which}/{n}" for n in range(which, 100, 2)]
        case.expect_paths(spans, server, None, wanted)
        case.expect_joined(spans, server, client)
        port = listener.getsockname()[1]
        wrong = [s for s in spans if s.pid == client and s.path.startswith(f"/{which}/")
                 and s.attributes.get("network.peer.port") != port]
        expect(not wrong, f"{wrong[:1]}: peer is not port {port}")


@case.case
def self_call(c):
    """A process that calls itself: spans nest, none is mistaken for another."""
    def serve():
        def handle(conn):
            reader = wire.Reader(conn)
            while message := reader.message():
                if message[0].startswith("GET /outer"):
                    with wire.connect(listener) as inner:
                        wire.ask(inner, "/inner")
                conn.sendall(wire.response_bytes())

        while True:
            conn, _ = listener.accept()
            threading.Thread(target=handle, args=(conn,), daemon=True).start()

    with c.agent() as tracer:
        listener = wire.listen()
        server = c.fork(serve)
        client = c.client(case.ask_all(listener, ["/outer"]))
    spans = tracer.spans()
    chain = [case.only(spans, otlp.CLIENT, client, "/outer"),
             case.only(spans, otlp.SERVER, server, "/outer"),
             case.only(spans, otlp.CLIENT, server, "/inner"),
             case.only(spans, otlp.SERVER, server, "/inner")]
    for parent, child in zip(chain, chain[1:]):
        expect(child.parent_id == parent.span_id, f"{child}: parent is not {parent}")


@case.case
def garbage_gives_no_span(c):
    """Bytes that are no known protocol, in every order of speaking."""
    noise = [os.urandom(n) for n in (1, 7, 300, 5000)]
    noise += [b"\x00" * 64, b"GET", b"GET \r\n\r\n", b"GETX/ HTTQ/1.1\r\n\r\n", b"HELO there\r\n",
              b"HTTP/1.1 200 OK", b"\x16\x03\x01\x02\x00\x01\x00", b"220 mail ESMTP\r\n",
              b"PING\r\n", b"get / http/1.1\n\n", b"\r\n\r\n\r\n"]

    def handle(conn):
        for piece in noise[::-1]:
            conn.sendall(piece)
            conn.recv(65536)

    with c.agent() as tracer:
        listener, server = c.server(handle)

        def work():
            for first in range(len(noise)):
                with wire.connect(listener) as conn, contextlib.suppress(ConnectionError):
                    conn.settimeout(0.1)
                    for piece in noise[first:] + noise[:first]:
                        conn.sendall(piece)
                        with contextlib.suppress(TimeoutError):
                            conn.recv(65536)
            return 0

        client = c.client(work)
    wrong = [str(s) for s in tracer.spans() if s.pid in (server, client)]
    expect(not wrong, f"{len(wrong)} spans of garbage: {wrong[:3]}")
