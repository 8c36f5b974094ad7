# SPDX-License-Identifier: Apache-2.0
"""An OTLP/HTTP receiver (JSON) that fails as it is told, and remembers which spans it took.

A stand-in on purpose: no real backend can be made to reset connections or to answer late on
request. What real backends do is tested in tests/backends.
"""
import collections
import contextlib
import email.utils
import http.server
import json
import re
import socket
import ssl
import struct
import threading
import time

SPAN_ID = re.compile(rb'"spanId":"([0-9a-f]{16})"')


class Sink:
    """with Sink() as sink: …; sink.answer = a function of the request's handler, below."""

    def __init__(self, tls=None):
        self.taken = collections.Counter()  # span number: how often
        self.requests = 0
        self.answer = take
        self.tls = tls
        self.port = None
        self._server = None
        self.connections = set()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1/traces"

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        self.down()

    def up(self):
        """Listens, on the port of before if there was one."""
        sink = self

        class Handler(_Handler):
            owner = sink

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port or 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # the client hung up: that is the test
        self.port = self._server.server_address[1]
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            for connection in list(self.connections):  # kept alive, it would go on to take
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def failing(self, answer):
        self.answer = answer
        yield
        self.answer = take


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner = None

    def setup(self):
        super().setup()
        self.owner.connections.add(self.connection)

    def finish(self):
        self.owner.connections.discard(self.connection)
        super().finish()

    def do_POST(self):
        self.owner.requests += 1
        self.owner.answer(self)

    def body(self):
        return self.rfile.read(int(self.headers["Content-Length"]))

    def reply(self, status, headers=()):
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.send_header("Content-Type", "application/json")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def take(handler):
    """As a backend does that is well."""
    for span in SPAN_ID.findall(handler.body()):
        handler.owner.taken[int(span, 16)] += 1
    handler.reply(200)


def busy(status, retry_after=None):
    """retry_after: seconds, as a number or (with "date") as a date."""
    def answer(handler):
        handler.body()
        headers = []
        if retry_after == "date":
            headers = [("Retry-After", email.utils.formatdate(time.time() + 1, usegmt=True))]
        elif retry_after is not None:
            headers = [("Retry-After", str(retry_after))]
        handler.reply(status, headers)
    return answer


def late(seconds):
    def answer(handler):
        body = handler.body()
        time.sleep(seconds)
        for span in SPAN_ID.findall(body):
            handler.owner.taken[int(span, 16)] += 1
        handler.reply(200)
    return answer


def reset_in_body(handler):
    """Reads half of the request, then sends RST."""
    handler.rfile.read(int(handler.headers["Content-Length"]) // 2)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def half_an_answer(handler):
    handler.body()
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    handler.close_connection = True


def wrong(handler):
    """Will never take it."""
    json.loads(handler.body())
    handler.reply(400)
