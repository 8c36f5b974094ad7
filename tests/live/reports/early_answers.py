# SPDX-License-Identifier: Apache-2.0
"""Final answers before the request has ended: what follows is its rest, or the next request."""
import re

from weft_harness import case, otlp, programs, servers, wire
from weft_harness.case import expect

FAKE = b"GET /fake HTTP/1.1\r\nHost: x\r\n\r\n"


def _expect(spans, kind, pid, wanted):
    mine = sorted((s for s in spans if s.kind == kind and s.pid == pid), key=lambda s: s.start)
    found = [(s.method, s.path, s.code) for s in mine]
    expect(found == wanted, f"spans of {pid}: {found} instead of {wanted}")


def _head(reader):
    """(text, announced length, expects) of the next request's head; None at the end."""
    head = reader.until(b"\r\n\r\n").decode("latin-1").lower()
    length = re.search(r"content-length: (\d+)", head)
    return head and (head, int(length.group(1)) if length else 0, "100-continue" in head)


def _refuse_what_expects(conn):
    """Answers before the body where a path says so: /omitted reads none, /sent reads it after."""
    reader = wire.Reader(conn)
    while head := _head(reader):
        text, length, expects = head
        early = expects or "/early" in text
        if early:
            conn.sendall(wire.response_bytes(b"no", status=401 if "/omitted" in text else 413))
        if not (early and "/omitted" in text):
            reader.exactly(length)
        if not early:
            conn.sendall(wire.response_bytes())


def _expecting(path, length):
    return wire.request_bytes(path, "POST", headers=(f"Content-Length: {length}",
                                                     "Expect: 100-continue"))


def _dialogue(conn):
    """(method, path, status) as they went over one connection."""
    reader = wire.Reader(conn)
    said = []

    def ask(payload, path, method, then=b""):
        conn.sendall(payload)
        said.append((method, path, wire.answered(reader)[0]))
        conn.sendall(then)

    for number in range(3):
        ask(_expecting(f"/omitted/{number}", 5000), f"/omitted/{number}", "POST")
        ask(wire.request_bytes(f"/a/{number}"), f"/a/{number}", "GET")
        ask(_expecting(f"/sent/{number}", 5000), f"/sent/{number}", "POST", b"b" * 5000)
        ask(wire.request_bytes(f"/b/{number}"), f"/b/{number}", "GET")
        part = wire.request_bytes(f"/early/{number}", "PUT", headers=("Content-Length: 30000",))
        ask(part + b"b" * 100, f"/early/{number}", "PUT", b"c" * 29900)
        ask(wire.request_bytes(f"/c/{number}"), f"/c/{number}", "GET")
    return said


@case.case
def answers_before_the_body(c):
    """Expect: 100-continue refused, and early answers; the body left out, and sent all the same."""
    wanted = [(method, f"/{path}/{number}", status) for number in range(3) for method, path, status
              in (("POST", "omitted", 401), ("GET", "a", 200), ("POST", "sent", 413),
                  ("GET", "b", 200), ("PUT", "early", 413), ("GET", "c", 200))]
    with c.agent() as tracer:
        listener, server = c.server(_refuse_what_expects)

        def work():
            with wire.connect(listener) as conn:
                return 0 if _dialogue(conn) == wanted else 1

        client = c.client(work)
    spans = tracer.spans()
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        _expect(spans, kind, pid, wanted)
    case.expect_joined(spans, server, client)


@case.case
def body_that_reads_like_a_request(c):
    """It was refused and sent all the same: nothing in it is told."""
    with c.agent() as tracer:
        listener, server = c.server(_refuse_what_expects)

        def work():
            with wire.connect(listener) as conn:
                reader = wire.Reader(conn)
                for _ in range(3):
                    conn.sendall(_expecting("/sent", 50 * len(FAKE)))
                    wire.answered(reader)
                    conn.sendall(FAKE * 50 + wire.request_bytes("/after"))
                    wire.answered(reader)
                    wire.ask(conn, "/last")
            return 0

        client = c.client(work)
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        paths = case.paths_of(tracer.spans(), kind, pid)
        expect(set(paths) <= {"/sent", "/after", "/last"}, f"invented: {paths}")
        expect((paths.count("/sent"), paths.count("/last")) == (3, 3), f"missing: {paths}")


@case.case
def curl_repeats_what_was_refused(c):
    """417 makes curl send the request again on the same connection, without the body of the first and,
    unless it was told to, without Expect."""
    curl = programs.need("curl")
    big = c.group.work / "big"
    big.write_bytes(b"b" * (2 << 20))

    def refuse(conn):
        reader = wire.Reader(conn)
        while head := _head(reader):
            if not head[2]:
                reader.exactly(head[1])
            conn.sendall(wire.response_bytes(status=417 if head[2] else 200))

    with c.agent() as tracer:
        listener, server = c.server(refuse)
        url = "http://127.0.0.1:%d" % listener.getsockname()[1]
        proc = c.group.start([curl, "-sS", "-o", "/dev/null", "-T", big, url + "/put", "--next", "-sS", "-o", "/dev/null", url + "/after"],
                             name="curl")
        expect(proc.wait(30) == 0, "curl failed")
    wanted = [("PUT", "/put", 417), ("PUT", "/put", 200), ("GET", "/after", 200)]
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, proc.pid)):
        _expect(tracer.spans(), kind, pid, wanted)
    case.expect_joined(tracer.spans(), server, proc.pid)


@case.case
def nginx_refuses_a_large_body(c):
    """nginx answers 413 from the head alone; the client has sent, or sends on."""
    with c.agent() as tracer:
        running = servers.nginx_static(c.group)
        pids = running.pids()

        def work():
            with wire.connect_port(running.port) as conn:
                reader = wire.Reader(conn)
                conn.sendall(_expecting("/large", 100 << 20))
                return 0 if wire.answered(reader)[0] == 413 else 1

        client = c.client(work)
    server_spans = [s for s in tracer.spans() if s.is_server and s.pid in pids]
    expect([(s.method, s.path, s.code) for s in server_spans] == [("POST", "/large", 413)],
           f"nginx: {[str(s) for s in server_spans]}")
    _expect(tracer.spans(), otlp.CLIENT, client, [("POST", "/large", 413)])
