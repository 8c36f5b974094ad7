# SPDX-License-Identifier: Apache-2.0
"""An ordinary Flask shop on werkzeug's threaded server: shop.py PORT STOCK_PORT.

It knows nothing of tracing. /books/ID asks the stock service how many copies are left.
"""
import logging
import sys

import flask
import requests

app = flask.Flask(__name__)
BOOKS = {"1": "Moby-Dick", "2": "Middlemarch", "3": "Walden"}


@app.route("/books/<book>")
def show(book):
    if book not in BOOKS:
        return {"error": "no such book"}, 404
    left = requests.get(f"http://127.0.0.1:{sys.argv[2]}/stock/{book}", timeout=10)
    if left.status_code != 200:
        return {"error": "the stock service failed"}, 502
    return {"title": BOOKS[book], "left": left.json()["left"]}


logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
