# SPDX-License-Identifier: Apache-2.0
"""Orders on threads, each with a connection of its own that commits every statement, as Django
does; to PostgreSQL or SQLite: threads_orders.py PORT DB_PORT|FILE."""
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, DATABASE = int(sys.argv[1]), sys.argv[2]
here = threading.local()


def connect():
    if not DATABASE.isdigit():
        return sqlite3.connect(DATABASE, isolation_level=None, timeout=20)
    import psycopg2
    connection = psycopg2.connect(host="127.0.0.1", port=DATABASE, user="postgres", dbname="bench")
    connection.autocommit = True
    return connection


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        if not hasattr(here, "connection"):
            here.connection = connect()
        number = self.path.rsplit("/", 1)[1]
        here.connection.cursor().execute(f"insert into orders select 1 as order{number}")
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"leaf\n")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", PORT), Handler).serve_forever()
