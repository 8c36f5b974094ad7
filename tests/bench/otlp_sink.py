# SPDX-License-Identifier: Apache-2.0
"""An OTLP/HTTP receiver (protobuf) that accepts everything, counts the spans and keeps none."""
import http.server
import threading

# Kinds of protobuf fields, and the sizes of those that have a fixed one.
_VARINT, _BYTES, _FIXED = 0, 2, {1: 8, 5: 4}


class Sink(http.server.ThreadingHTTPServer):
    """Listens from the start, on a port of its own, until the program ends."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        count = count_spans(self._body())
        with self.server.lock:
            self.server.spans += count
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _chunk(self):
        data = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return data

    def log_message(self, *_):
        """A line a request would cost more than the request."""


def count_spans(request):
    """Of an ExportTraceServiceRequest: its ResourceSpans, their ScopeSpans, their spans."""
    return sum(1 for resource in _messages(memoryview(request), 1)
               for scope in _messages(resource, 2) for _ in _messages(scope, 2))


def _messages(data, number):
    """The fields with that number, which are messages, of a protobuf message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        size = _FIXED.get(kind, 0)
        if kind in (_VARINT, _BYTES):
            value, at = _varint(data, at)
            size = value if kind == _BYTES else 0
        if tag == number << 3 | _BYTES:
            yield data[at:at + size]
        at += size


def _varint(data, at):
    """(value, where the next byte is)."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at
