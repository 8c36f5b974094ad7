# SPDX-License-Identifier: Apache-2.0
"""Headers are told by a list alone, and no credential is: not in spans, not in the log."""
from weft_harness import case, otlp, wire
from weft_harness.report import expect

_LISTED = """file_format: "1.1"
log_level: trace
instrumentation/development:
  general:
    http:
      server: {request_captured_headers: [X-Shop, Authorization, Cookie, X-Api-Key, Referer],
               response_captured_headers: [Set-Cookie, Location]}
      client: {request_captured_headers: []}
"""
_REQUEST = (b"GET /headers?sig=S3CRET HTTP/1.1\r\nHost: shop\r\nX-Request-ID: r-1\r\n"
            b"Correlation-ID: c-1\r\nX-Shop: books\r\nX-Unlisted: S3CRET\r\n"
            b"Authorization: Bearer S3CRET\r\nCookie: id=S3CRET\r\nX-Api-Key: S3CRET\r\n"
            b"Referer: http://bob:S3CRET@shop/?sig=S3CRET\r\n\r\n")
_ANSWER = (b"HTTP/1.1 302 Found\r\nSet-Cookie: id=S3CRET\r\nLocation: /next?sig=S3CRET&a=1\r\n"
           b"Content-Length: 0\r\n\r\n")
_PREFIXES = ("http.request.header.", "http.response.header.")


def _answer(conn):
    reader = wire.Reader(conn)
    while reader.message() is not None:
        conn.sendall(_ANSWER)


def _headers(span):
    return {key.split(".", 1)[1]: value for key, value in span.attributes.items()
            if key.startswith(_PREFIXES)}


def _told(c, *flags):
    """(server's headers, client's headers) of one request."""
    listener, server = c.server(_answer)

    def ask():
        with wire.connect(listener) as conn:
            conn.sendall(_REQUEST)
            return 0 if conn.recv(4096).startswith(b"HTTP/1.1 302") else 1

    with c.agent(*flags) as tracer:
        client = c.client(ask)
        tracer.wait_spans(lambda spans: {server, client} <= {s.pid for s in spans})
    for file in (tracer.out, tracer.proc.log_path):
        expect("S3CRET" not in file.read_text(encoding="utf-8"), f"a credential is in {file.name}")
    return (_headers(case.only(tracer.spans(), otlp.SERVER, server)),
            _headers(case.only(tracer.spans(), otlp.CLIENT, client)))


@case.case
def headers_that_are_told(c):
    """Without configuration the ids of requests, on both sides."""
    unasked = {"request.header.x-request-id": ["r-1"], "request.header.correlation-id": ["c-1"]}
    told = _told(c, "--exporter", "otlp_http:endpoint=http://bob:S3CRET@127.0.0.1:9/v1/traces")
    log = (c.group.work / "agent1.log").read_text(encoding="utf-8")
    expect("http://***@127.0.0.1:9" in log, f"the backend that does not answer is not told: {log}")
    expect(told == (unasked, unasked), f"told {told}")


@case.case
def headers_that_are_listed(c):
    """What is listed replaces them, and credentials are hidden though they are listed."""
    file = c.group.work / "headers.yaml"
    file.write_text(_LISTED, encoding="ascii")
    told = _told(c, "--config", file)
    hidden = ["REDACTED"]
    expect(told[1] == {}, f"an empty list: {told[1]}")
    expect(told[0] == {"request.header.x-shop": ["books"],
                       "request.header.authorization": hidden, "request.header.cookie": hidden,
                       "request.header.x-api-key": hidden,
                       "request.header.referer": ["http://REDACTED:REDACTED@shop/?sig=REDACTED"],
                       "response.header.set-cookie": hidden,
                       "response.header.location": ["/next?sig=REDACTED&a=1"]}, f"told {told[0]}")
