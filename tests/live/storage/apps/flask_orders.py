# SPDX-License-Identifier: Apache-2.0
"""Orders in Flask with psycopg2, a thread a connection: flask_orders.py PORT DB_PORT."""
import logging
import sys

import flask
import psycopg2.pool

PORT, DB_PORT = map(int, sys.argv[1:3])
app = flask.Flask(__name__)
pool = psycopg2.pool.ThreadedConnectionPool(0, 16, host="127.0.0.1", port=DB_PORT,
                                            user="postgres", dbname="bench")


@app.route("/orders/<int:number>", methods=["POST"])
def order(number):
    connection = pool.getconn()
    connection.cursor().execute(f"insert into orders select 1 as order{number}")
    connection.commit()
    pool.putconn(connection)
    return "leaf\n"


logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run("127.0.0.1", PORT, threaded=True)
