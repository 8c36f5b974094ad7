# SPDX-License-Identifier: Apache-2.0
"""A hop of the chain on threads: threads.py PORT [NEXT_PORT].

GET /c/ID calls the next hop with the same path. One pool of kept connections is shared by all
threads, so a connection is used by different threads in turn.
"""
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

NEXT = sys.argv[2] if len(sys.argv) > 2 else None
pool = urllib3.PoolManager(maxsize=64)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        body = b"leaf\n"
        if NEXT:
            time.sleep(random.random() * 0.002)
            body = pool.request("GET", f"http://127.0.0.1:{NEXT}{self.path}", retries=False).data
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
