# SPDX-License-Identifier: Apache-2.0
"""A Flask application: `flask_app.py PORT` runs it on werkzeug's threaded server (HTTP/1.0,
as people do), gunicorn takes flask_app:app."""
import logging
import sys

import flask
import routes

app = flask.Flask(__name__)


@app.route("/<path:_>", methods=["GET", "POST"])
def serve(_):
    status, content = routes.answer(flask.request.path, flask.request.get_data())
    if isinstance(content, list):
        return flask.Response(iter(content), status, mimetype="text/plain")
    return flask.Response(content, status, mimetype="text/plain")


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
