# SPDX-License-Identifier: Apache-2.0
"""What every dynamic test server answers, by the last segment of the path.

ok 200 · echo the request's body · fail 500 · chunked in five pieces · large 1 MB · else 404.
The segments before it make the path unique to one request.
"""

OK = b"ok\n"
FAIL = b"it failed\n"
MISSING = b"nothing here\n"
PIECES = [b"piece %d of five\n" % n * 50 for n in range(1, 6)]
LARGE = bytes(ord("a") + n % 26 for n in range(1000)) * 1049  # 1 MB and a bit


def answer(path, body):
    """(status, bytes or list of pieces to be sent chunked)."""
    kind = path.split("?", 1)[0].rsplit("/", 1)[-1]
    if kind == "ok":
        return 200, OK
    if kind == "echo":
        return 200, body
    if kind == "fail":
        return 500, FAIL
    if kind == "chunked":
        return 200, PIECES
    if kind == "large":
        return 200, LARGE
    return 404, MISSING
