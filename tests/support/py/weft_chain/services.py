#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The three programs of the chain: caller → service A → service B. Standard library only.

services.py serve PORT [NEXT_PORT]   answers; with NEXT_PORT, asks there first
services.py call PORT COUNT THREADS  sends requests 0 … COUNT-1 to service A

Request n is the same everywhere: METHODS[n % 4] on /…/<n>, and its status comes from service
B, so that every span of it can be told by its path and checked.
"""
import http.client
import http.server
import sys
import threading

METHODS = ("GET", "POST", "PUT", "DELETE")
HOST = "127.0.0.1"


def status_of(number):
    """200, but every fifth request is 404 and every seventh 503."""
    if number % 7 == 6:
        return 503
    return 404 if number % 5 == 4 else 200


def send(connection, number, path):
    method = METHODS[number % len(METHODS)]
    body = b"x" * (number * 10) if method in ("POST", "PUT") else None
    connection.request(method, path, body=body, headers={"User-Agent": "chain"})
    response = connection.getresponse()
    response.read()
    return response.status


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    next_port = 0

    def handle_any(self):
        number = int(self.path.rsplit("/", 1)[1])
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.next_port:
            connection = http.client.HTTPConnection(HOST, self.next_port, timeout=30)
            status = send(connection, number, f"/b/{number}")
            connection.close()
        else:
            status = status_of(number)
        body = b"done %d\n" % number
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64


def serve(port, next_port=0):
    Handler.next_port = next_port
    Server((HOST, port), Handler).serve_forever()


def call(port, count, threads):
    """Even threads keep their connection, odd ones open one a request."""
    wrong = []

    def work(first):
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        for number in range(first, count, threads):
            if send(connection, number, f"/a/{number}") != status_of(number):
                wrong.append(number)
            if first % 2:
                connection.close()
        connection.close()

    workers = [threading.Thread(target=work, args=(first,)) for first in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[2:]]
    sys.exit({"serve": serve, "call": call}[sys.argv[1]](*arguments))
