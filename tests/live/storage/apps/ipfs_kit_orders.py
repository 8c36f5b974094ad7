# SPDX-License-Identifier: Apache-2.0
"""Orders as operations of ipfs_kit_py's own log: ipfs_kit_orders.py PORT FOLDER PACKAGES."""
import sys
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, FOLDER, PACKAGES = int(sys.argv[1]), sys.argv[2], sys.argv[3]
# The package's own __init__ needs much more than its log does.
package = sys.modules["ipfs_kit_py"] = types.ModuleType("ipfs_kit_py")
package.__path__ = [f"{PACKAGES}/ipfs_kit_py"]
from ipfs_kit_py import wal  # noqa: E402

log = wal.WAL(FOLDER)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        name = "order" + self.path.rsplit("/", 1)[1]
        log.add_operation("add", "local", {"of": "test"}, operation_id=name)
        log.update_operation_status(name, "processing")
        log.update_operation_status(name, "completed")
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"leaf\n")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", PORT), Handler).serve_forever()
