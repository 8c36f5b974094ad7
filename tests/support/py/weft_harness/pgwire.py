# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's protocol by hand: what no driver lets one say."""
import socket
import struct


def _text(value):
    return value.encode() + b"\0"


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def query(text):
    return message(b"Q", _text(text))


def parse(name, text):
    return message(b"P", _text(name) + _text(text) + struct.pack("!H", 0))


def bind(portal, name, *parameters):
    """Parameters and results as text."""
    values = b"".join(struct.pack("!i", len(p)) + p.encode() for p in parameters)
    return message(b"B", _text(portal) + _text(name) +
                   struct.pack("!HH", 0, len(parameters)) + values + struct.pack("!H", 0))


def describe(kind, name):
    return message(b"D", kind + _text(name))


def execute(portal="", rows=0):
    return message(b"E", _text(portal) + struct.pack("!I", rows))


SYNC = message(b"S")


class Connection:
    """One that needs no password. options: of the startup packet."""

    def __init__(self, server, database="postgres", **options):
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self._pending = b""
        settings = {"user": "postgres", "database": database, **options}
        body = struct.pack("!I", 3 << 16)
        body += b"".join(_text(k) + _text(v) for k, v in settings.items()) + b"\0"
        self.socket.sendall(struct.pack("!I", len(body) + 4) + body)
        self.ready()

    def _exactly(self, size):
        while len(self._pending) < size:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError("the server closed the connection")
            self._pending += piece
        taken, self._pending = self._pending[:size], self._pending[size:]
        return taken

    def answer(self):
        """The next message: (type, body)."""
        kind, size = struct.unpack("!cI", self._exactly(5))
        return kind, self._exactly(size - 4)

    def ready(self):
        """Every message up to ReadyForQuery."""
        answers = [self.answer()]
        while answers[-1][0] != b"Z":
            answers.append(self.answer())
        return answers

    def send(self, *messages):
        self.socket.sendall(b"".join(messages))

    def ask(self, *messages):
        """Sends in one piece, and reads all of the answer."""
        self.send(*messages)
        return self.ready()

    def tags(self, *messages):
        """Command tags of the answer."""
        return [body[:-1].decode() for kind, body in self.ask(*messages) if kind == b"C"]
