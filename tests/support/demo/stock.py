# SPDX-License-Identifier: Apache-2.0
"""How many copies are left, by Python's http.server: stock.py PORT. Book 3 has a bad day."""
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Stock(BaseHTTPRequestHandler):
    def do_GET(self):
        book = self.path.rsplit("/", 1)[-1]
        time.sleep(0.004)
        status = 500 if book == "3" else 200
        body = json.dumps({"left": len(book) * 7} if status == 200 else {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Stock).serve_forever()
