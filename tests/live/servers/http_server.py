# SPDX-License-Identifier: Apache-2.0
"""Python http.server, one thread a connection, HTTP/1.1: http_server.py PORT."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import routes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self):
        length = int(self.headers.get("Content-Length", 0))
        status, content = routes.answer(self.path, self.rfile.read(length))
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        if isinstance(content, list):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in content + [b""]:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            return
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = _serve

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
