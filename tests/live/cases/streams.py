# SPDX-License-Identifier: Apache-2.0
"""Exchanges that are more than one request and one answer."""
import os
import time

from weft_harness import case, otlp, wire
from weft_harness.case import expect


def _both(c, handle, work):
    """(spans, server pid, client pid) of one connection under the agent."""
    with c.agent() as tracer:
        listener, server = c.server(handle)

        def client_work():
            with wire.connect(listener) as conn:
                return work(conn)

        client = c.client(client_work)
    return tracer.spans(), server, client


def _expect_single(spans, server, client, path, status):
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        span = case.only(spans, kind, pid)
        expect((span.path, span.code) == (path, status), f"{span}: not {path} {status}")
    case.expect_joined(spans, server, client)
    return case.only(spans, otlp.SERVER, server)


@case.case
def server_sent_events(c):
    """A stream of events is one span that lasts as long as the stream."""
    def handle(conn):
        wire.Reader(conn).message()
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(6):
            conn.sendall(b"data: %d\n\n" % number)
            time.sleep(0.2)

    def work(conn):
        conn.sendall(wire.request_bytes("/events"))
        received = b""
        while piece := conn.recv(65536):
            received += piece
        return 0 if received.count(b"data:") == 6 else 1

    spans, server, client = _both(c, handle, work)
    span = _expect_single(spans, server, client, "/events", 200)
    expect(span.end - span.start > 900_000_000, f"{span}: lasts {(span.end - span.start) // 10**6} "
                                                "ms although the stream was open for 1.2 s")


@case.case
def websocket_upgrade(c):
    """After 101 the bytes are frames, whatever they look like."""
    frame = b"\x81\x24GET /not-a-request HTTP/1.1\r\nHost: x\r\n\r\n"

    def handle(conn):
        reader = wire.Reader(conn)
        reader.message()
        conn.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     b"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
        for _ in range(4):
            conn.sendall(reader.exactly(len(frame)))

    def work(conn):
        conn.sendall(wire.request_bytes("/socket", headers=(
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x",
            "Sec-WebSocket-Version: 13")))
        reader = wire.Reader(conn)
        if b" 101 " not in reader.until(b"\r\n\r\n"):
            return 1
        for _ in range(4):
            conn.sendall(frame)
            if reader.exactly(len(frame)) != frame:
                return 1
        return 0

    spans, server, client = _both(c, handle, work)
    _expect_single(spans, server, client, "/socket", 101)


@case.case
def connect_tunnel(c):
    """After CONNECT succeeds the connection is opaque."""
    inner = b"\x16\x03\x01" + os.urandom(300) + wire.request_bytes("/inside")

    def handle(conn):
        reader = wire.Reader(conn)
        reader.until(b"\r\n\r\n")
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        conn.sendall(reader.exactly(len(inner)))

    def work(conn):
        conn.sendall(b"CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n")
        reader = wire.Reader(conn)
        reader.until(b"\r\n\r\n")
        conn.sendall(inner)
        return 0 if reader.exactly(len(inner)) == inner else 1

    spans, server, client = _both(c, handle, work)
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        span = case.only(spans, kind, pid)
        expect((span.method, span.code) == ("CONNECT", 200), f"{span}: not CONNECT 200")


@case.case
def expect_100_continue(c):
    """100 is no answer: one span, with the final status."""
    def handle(conn):
        reader = wire.Reader(conn)
        reader.until(b"\r\n\r\n")
        conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = reader.exactly(5)
        conn.sendall(wire.response_bytes(body, status=201))

    def work(conn):
        conn.sendall(b"POST /patient HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                     b"Content-Length: 5\r\n\r\n")
        reader = wire.Reader(conn)
        reader.until(b"\r\n\r\n")
        conn.sendall(b"hello")
        return 0 if wire.answered(reader) == (201, b"hello") else 1

    spans, server, client = _both(c, handle, work)
    _expect_single(spans, server, client, "/patient", 201)


@case.case
def body_until_close(c):
    """HTTP/1.0: the answer ends with the connection."""
    def handle(conn):
        wire.Reader(conn).until(b"\r\n\r\n")
        conn.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        for _ in range(50):
            conn.sendall(b"HTTP/1.1 500 is only text here\r\n\r\n" * 20)

    def work(conn):
        conn.sendall(b"GET /old HTTP/1.0\r\n\r\n")
        length = 0
        while piece := conn.recv(65536):
            length += len(piece)
        return 0 if length > 30000 else 1

    spans, server, client = _both(c, handle, work)
    _expect_single(spans, server, client, "/old", 200)


@case.case
def chunked_request_with_trailers(c):
    """Chunks with extensions and trailers, then another request on the connection."""
    chunked = (b"POST /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
               b"5;name=value\r\nhello\r\n1a\r\n" + b"GET /no HTTP/1.1\r\nHost: x\r\n"[:26] +
               b"\r\n0\r\nX-Sum: 12\r\n\r\n")

    def handle(conn):
        reader = wire.Reader(conn)
        reader.until(b"\r\n\r\n")
        reader.until(b"X-Sum: 12\r\n\r\n")
        conn.sendall(wire.response_bytes())
        reader.message()
        conn.sendall(wire.response_bytes())

    def work(conn):
        reader = wire.Reader(conn)
        for request in (chunked, wire.request_bytes("/after")):
            conn.sendall(request)
            if wire.answered(reader)[0] != 200:
                return 1
        return 0

    spans, server, client = _both(c, handle, work)
    case.expect_paths(spans, server, client, ["/chunks", "/after"])
