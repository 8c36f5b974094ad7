# SPDX-License-Identifier: Apache-2.0
"""session_clients.py NAME PORT: the clients that record_sessions.py records, and an HTTP server."""
import asyncio
import http.server
import socket
import sys

HOST = "127.0.0.1"
DSN = f"host={HOST} user=postgres dbname=postgres sslmode=disable gssencmode=disable port="
INSERT = "insert into notes values (%s, %s)"
SELECT = "select text from notes where id = %s"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.path.encode() * 3
        self.send_response(404 if self.path.endswith("4") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        pass


def serve(port):
    http.server.ThreadingHTTPServer((HOST, port), _Handler).serve_forever()


def http_client(port):
    import requests
    with requests.Session() as session:
        for number in range(6):
            session.get(f"http://{HOST}:{port}/notes/{number}")
            session.post(f"http://{HOST}:{port}/notes/{number}", data="text of a note")


def redis(port):
    """Each command waits for its answer, which comes line by line."""
    with socket.create_connection((HOST, port)) as connection, \
            connection.makefile("rb") as answers:
        for words in ("set note one", "get note", "incr note", "hset h a 1 b 2", "hgetall h",
                      "multi", "set note 7", "incr note", "exec", "lpush l a b c",
                      "lrange l 0 -1", "get nothing", "select 3", "dbsize"):
            parts = words.split()
            connection.sendall(f"*{len(parts)}\r\n".encode()
                               + b"".join(f"${len(p)}\r\n{p}\r\n".encode() for p in parts))
            _read(answers)


def _read(answers):
    line = answers.readline()
    count = int(line[1:]) if line[:1] in b"*$" else 0
    if line[:1] == b"$" and count >= 0:
        answers.read(count + 2)
    for _ in range(count if line[:1] == b"*" else 0):
        _read(answers)


# What is sent, and how many lines come back; a value's data is a line.
MEMCACHED = (("set note 0 0 3\r\none", 1), ("get note", 3), ("incr note 1", 1), ("get note other", 3),
             ("set number 0 0 1\r\n7", 1), ("incr number 5", 1), ("delete nothing", 1),
             ("add a 0 0 1\r\nx", 1), ("get a", 3), ("ms b 2 T60\r\nhi", 1), ("mg b v O1", 2),
             ("mg none v", 1), ("md b k", 1), ("mn", 1), ("ping", 1), ("version", 1))


def memcached(port):
    with socket.create_connection((HOST, port)) as connection, \
            connection.makefile("rb") as answers:
        for said, lines in MEMCACHED:
            connection.sendall(said.encode() + b"\r\n")
            for _ in range(lines):
                answers.readline()


def psycopg2(port):
    import psycopg2 as driver
    connection = driver.connect(DSN + str(port))
    with connection.cursor() as cursor:
        for number in range(3):
            cursor.execute(INSERT, (number, "one"))
            cursor.execute(SELECT, (number,))
            connection.commit()
        try:
            cursor.execute("select nothing from nowhere")
        except driver.Error:
            connection.rollback()
        cursor.execute("select count(*) from notes")
    connection.close()


async def _asyncpg(port):
    import asyncpg as driver
    connection = await driver.connect(host=HOST, port=port, user="postgres", database="postgres",
                                      ssl=False)
    for number in range(3):
        await connection.execute(INSERT.replace("%s", "$1", 1).replace("%s", "$2"), number, "one")
        await connection.fetch(SELECT.replace("%s", "$1"), number)
    for text in ("select nothing from nowhere", "select 1 / 0", "select count(*) from notes"):
        try:
            await connection.fetch(text)
        except driver.PostgresError:
            pass
    await connection.close()


def asyncpg(port):
    asyncio.run(_asyncpg(port))


def pipeline(port):
    """Several statements in one round trip, some prepared by the driver."""
    import psycopg as driver
    with driver.connect(DSN + str(port), autocommit=True, prepare_threshold=1) as connection:
        for number in range(3):
            with connection.pipeline(), connection.cursor() as cursor:
                cursor.execute(INSERT, (number, "one"))
                cursor.execute(SELECT, (number,))
        connection.execute("select count(*) from notes")


if __name__ == "__main__":
    {"serve": serve, "http": http_client, "redis": redis, "memcached": memcached,
     "psycopg2": psycopg2, "asyncpg": asyncpg, "pipeline": pipeline}[sys.argv[1]](int(sys.argv[2]))
