# SPDX-License-Identifier: Apache-2.0
"""An ordinary Flask shop on PostgreSQL, by psycopg2: shop.py PORT DATABASE_PORT.

It knows nothing of tracing. POST /orders writes an order; GET /orders asks for each order's
book by itself, as such code does until somebody looks at a trace.
"""
import contextlib
import logging
import sys

import flask
import psycopg2.pool

app = flask.Flask(__name__)
pool = psycopg2.pool.ThreadedConnectionPool(
    4, 32, host="127.0.0.1", port=int(sys.argv[2]), user="postgres", dbname="shop")


@contextlib.contextmanager
def cursor():
    connection = pool.getconn()
    try:
        with connection, connection.cursor() as found:  # commits at the end
            yield found
    finally:
        pool.putconn(connection)


@app.post("/orders")
def order():
    book = flask.request.args.get("book", "1")
    with cursor() as c:
        c.execute("INSERT INTO orders (book) VALUES (%s) RETURNING id", (book,))
        number = c.fetchone()[0]
    return {"order": number}, 201


@app.get("/orders")
def orders():
    with cursor() as c:
        c.execute("SELECT book FROM orders ORDER BY id DESC LIMIT 5")
        titles = []
        for (book,) in c.fetchall():
            c.execute("SELECT title FROM books WHERE id = %s", (book,))
            titles.append(c.fetchone()[0])
    return {"titles": titles}


logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
