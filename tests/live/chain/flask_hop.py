# SPDX-License-Identifier: Apache-2.0
"""A hop of the chain in Flask with requests, a thread a connection: flask_hop.py PORT NEXT_PORT."""
import logging
import random
import sys
import time

import flask
import requests

app = flask.Flask(__name__)


@app.route("/<path:path>")
def hop(path):
    time.sleep(random.random() * 0.002)
    return requests.get(f"http://127.0.0.1:{sys.argv[2]}/{path}", timeout=20).text


logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
