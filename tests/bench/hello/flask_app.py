# SPDX-License-Identifier: Apache-2.0
"""The smallest Flask server, for gunicorn: flask_app:app."""
import flask

app = flask.Flask(__name__)


@app.route("/")
def hello():
    return {"hello": "world"}
