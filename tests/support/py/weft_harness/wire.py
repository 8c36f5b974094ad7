# SPDX-License-Identifier: Apache-2.0
"""HTTP/1 by hand over sockets, for the shapes that no ordinary program produces on demand."""
import contextlib
import socket
import struct


def request_bytes(path, method="GET", body=b"", headers=(), host="localhost"):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def response_bytes(body=b"ok\n", status=200, headers=()):
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Reader:
    """Takes messages off a socket; recv can be replaced by another way to receive."""

    def __init__(self, conn, recv=None):
        self._recv = recv or conn.recv
        self._data = b""

    def until(self, mark):
        """Bytes up to and with the mark; b"" at the end of the stream."""
        while mark not in self._data:
            more = self._recv(65536)
            if not more:
                return b""
            self._data += more
        head, _, self._data = self._data.partition(mark)
        return head + mark

    def exactly(self, length):
        pieces = [self._data[:length]]
        self._data = self._data[length:]
        left = length - len(pieces[0])
        while left:
            more = self._recv(min(left, 1 << 20))
            if not more:
                break
            pieces.append(more)
            left -= len(more)
        return b"".join(pieces)

    def message(self):
        """(first line, headers, body) of a request or response with Content-Length."""
        head = self.until(b"\r\n\r\n")
        if not head:
            return None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
        return first, headers, self.exactly(int(headers.get("content-length", 0)))


def listen(family=socket.AF_INET, address=("127.0.0.1", 0)):
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(64)
    return listener


def connect(listener):
    conn = socket.socket(listener.family, socket.SOCK_STREAM)
    conn.settimeout(20)
    conn.connect(listener.getsockname())
    return conn


def connect_port(port, host="127.0.0.1"):
    return socket.create_connection((host, port), timeout=20)


def answer_all(conn, send=None, recv=None, body=b"ok\n"):
    """Serves one connection: 200 to each request, until the peer closes."""
    reader = Reader(conn, recv)
    while message := reader.message():
        payload = message[2] if message[0].startswith("POST /echo") else body
        (send or conn.sendall)(response_bytes(payload))


def serve(listener, handle=answer_all, connections=None):
    """Accepts for ever (or so many times), one connection after the other."""
    served = 0
    while connections is None or served < connections:
        conn, _ = listener.accept()
        with conn, contextlib.suppress(ConnectionError):
            handle(conn)
        served += 1
    return 0


def ask(conn, path, **kw):
    """One request on a kept connection; (status, body)."""
    conn.sendall(request_bytes(path, **kw))
    return answered(Reader(conn))


def answered(reader):
    message = reader.message()
    if message is None:
        raise ConnectionError("closed without an answer")
    return int(message[0].split()[1]), message[2]


def reset_on_close(conn):
    """close() will send RST."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
