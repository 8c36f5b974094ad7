# SPDX-License-Identifier: Apache-2.0
"""Messages whose first bytes do not stand together at the front of a call."""
import os

from weft_harness import case, otlp, wire
from weft_harness.case import expect

PROXIED = b"PROXY TCP4 192.0.2.7 192.0.2.9 4000 80\r\n"
PROXIED_2 = (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x13" + bytes([192, 0, 2, 7, 192, 0, 2, 9]) +
             b"\x0f\xa0\0\x50" + b"\x04\0\4abcd")


def _in_segments(cut):
    """A way to send: writev of what cut() makes of the bytes."""
    def send(conn):
        def all_of(data):
            sent = os.writev(conn.fileno(), cut(data))
            conn.sendall(data[sent:])
        return all_of
    return send


def _exchange(c, paths, send=lambda conn: conn.sendall, recv=None):
    """Both sides send by send(conn)(bytes)."""
    def handle(conn):
        wire.answer_all(conn, send=send(conn), recv=recv(conn) if recv else None)

    with c.agent() as tracer:
        listener, server = c.server(handle)

        def work():
            for path in paths:
                with wire.connect(listener) as conn:
                    send(conn)(wire.request_bytes(path, headers=["X-A: b"] * 12))
                    if wire.answered(wire.Reader(conn))[0] != 200:
                        return 1
            return 0
        client = c.client(work)
    case.expect_paths(tracer.spans(), server, client, paths)


@case.case
def a_line_a_segment(c):
    """Each line of a head is an iovec, as Boost.Beast and Node write them."""
    _exchange(c, ["/lines/0", "/lines/1"], _in_segments(lambda data: data.splitlines(True)))


@case.case
def hundreds_of_segments(c):
    _exchange(c, ["/bits/0", "/bits/1"],
              _in_segments(lambda data: [data[n:n + 1] for n in range(len(data))][:1000]))


@case.case
def empty_segments_first(c):
    _exchange(c, ["/empty/0", "/empty/1"],
              _in_segments(lambda data: [b"", data[:5], b"", data[5:]]))


@case.case
def first_byte_alone(c):
    """A program that reads a byte to see what comes, then the rest."""
    def recv(conn):
        sizes = iter([1])
        return lambda n: conn.recv(next(sizes, n))
    _exchange(c, ["/alone/0", "/alone/1"], recv=recv)


def _behind(c, preamble, pieces):
    """A server that is told whom its client speaks for, in so many pieces."""
    def handle(conn):
        reader = wire.Reader(conn)
        reader.exactly(len(preamble))
        while message := reader.message():
            conn.sendall(wire.response_bytes(message[0].encode()))

    with c.agent() as tracer:
        listener, server = c.server(handle)

        def work():
            data = preamble + wire.request_bytes("/proxied")
            with wire.connect(listener) as conn:
                size = -(-len(data) // pieces)
                for start in range(0, len(data), size):
                    conn.sendall(data[start:start + size])
                first = wire.answered(wire.Reader(conn))[0]
                return 0 if (first, wire.ask(conn, "/kept")[0]) == (200, 200) else 1
        client = c.client(work)
    case.expect_paths(tracer.spans(), server, client, ["/proxied", "/kept"])
    for span in tracer.spans():
        if span.kind == otlp.SERVER and span.pid == server:
            told = span.attributes.get("client.address"), span.attributes.get("client.port")
            expect(told == ("192.0.2.7", 4000), f"{span}: its client is {told}")


@case.case
def proxy_line(c):
    """PROXY protocol, version 1."""
    _behind(c, PROXIED, 1)


@case.case
def proxy_line_in_pieces(c):
    _behind(c, PROXIED, 9)


@case.case
def proxy_header(c):
    """PROXY protocol, version 2, with more than addresses."""
    _behind(c, PROXIED_2, 1)


@case.case
def proxy_header_in_pieces(c):
    _behind(c, PROXIED_2, 9)
