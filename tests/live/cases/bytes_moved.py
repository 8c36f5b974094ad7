# SPDX-License-Identifier: Apache-2.0
"""Every way to move bytes, in pieces of every size."""
import os
import socket

from weft_harness import case, mmsg, otlp, programs, servers, wire
from weft_harness.case import expect

TEN_MB = 10 << 20


def _exchange(c, paths, handle, work):
    """A server and a client process under the agent; both ends must have every path once."""
    with c.agent() as tracer:
        listener, server = c.server(handle)
        client = c.client(lambda: work(listener))
    case.expect_paths(tracer.spans(), server, client, paths)
    return tracer.spans(), server, client


@case.case
def pipelined_requests(c):
    """Eight requests in one write, answers split anywhere: eight spans on either side."""
    paths = [f"/pipe/{n}" for n in range(8)]

    def handle(conn):
        reader = wire.Reader(conn)
        answers = b"".join(wire.response_bytes(reader.message()[0].encode()) for _ in paths)
        for start in range(0, len(answers), 37):
            conn.sendall(answers[start:start + 37])

    def work(listener):
        with wire.connect(listener) as conn:
            conn.sendall(b"".join(wire.request_bytes(p) for p in paths))
            reader = wire.Reader(conn)
            good = all(p.encode() in wire.answered(reader)[1] for p in paths)
        return 0 if good else 1

    with c.agent() as tracer:
        listener, server = c.server(handle)
        client = c.client(lambda: work(listener))
    spans = tracer.spans()
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        found = case.paths_of(spans, kind, pid)
        expect(sorted(found) == paths, f"spans {found}")
    index = otlp.Index(spans)
    for span in spans:
        above = index.parent(span)
        expect(above is None or above.path == span.path, f"{span}: wrong parent {above}")


@case.case
def one_byte_sends(c):
    """Every byte in a send and a receive of its own."""
    def drip(conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def send(data):
            for byte in data:
                conn.send(bytes([byte]))
        return send

    def handle(conn):
        wire.answer_all(conn, send=drip(conn), recv=lambda _: conn.recv(1))

    def work(listener):
        with wire.connect(listener) as conn:
            send, reader = drip(conn), wire.Reader(conn, recv=lambda _: conn.recv(1))
            for number in range(3):
                send(wire.request_bytes(f"/drip/{number}"))
                if wire.answered(reader)[0] != 200:
                    return 1
        return 0

    _exchange(c, [f"/drip/{n}" for n in range(3)], handle, work)


def _big_head(c, size):
    """A head of about `size` bytes with traceparent last, then an ordinary request."""
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    filler = [f"X-Filler-{n}: {'x' * 80}" for n in range(size // 95)]
    headers = [*filler, f"traceparent: 00-{trace}-{parent}-01"]

    def work(listener):
        with wire.connect(listener) as conn:
            big = wire.ask(conn, "/big", headers=headers)[0]
            small = wire.ask(conn, "/small")[0]
        return 0 if (big, small) == (200, 200) else 1

    with c.agent() as tracer:
        listener, server = c.server()
        client = c.client(lambda: work(listener))
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        found = case.paths_of(tracer.spans(), kind, pid)
        expect(found == ["/big", "/small"], f"spans {found}")
    big = case.only(tracer.spans(), otlp.SERVER, server, "/big")
    small = case.only(tracer.spans(), otlp.SERVER, server, "/small")
    expect(small.trace_id != trace, "the second request took the first one's context")
    return big, trace


@case.case
def request_head_over_8_kb(c):
    """A traceparent behind 8 KB of headers is found."""
    big, trace = _big_head(c, 9000)
    expect(big.trace_id == trace, f"{big}: traceparent not continued")


@case.case
def request_head_over_16_kb(c):
    """Spans stay right beyond the cap of what is copied."""
    _big_head(c, 18000)


@case.case
def upload_of_10_mb(c):
    def work(listener):
        with wire.connect(listener) as conn:
            status = [wire.ask(conn, "/up", method="POST", body=b"u" * TEN_MB)[0],
                      wire.ask(conn, "/next")[0]]
        return 0 if status == [200, 200] else 1

    _exchange(c, ["/up", "/next"], wire.answer_all, work)


@case.case
def download_of_10_mb(c):
    body = b"d" * TEN_MB

    def work(listener):
        with wire.connect(listener) as conn:
            good = [wire.ask(conn, path) == (200, body) for path in ("/down", "/next")]
        return 0 if all(good) else 1

    _exchange(c, ["/down", "/next"], lambda conn: wire.answer_all(conn, body=body), work)


@case.case
def nginx_sendfile(c):
    """A static file of 10 MB sent by sendfile, on a kept connection."""
    programs.documents(c.group.work / "docs")
    process, port = servers.start_nginx(c.group, servers.APPS / "nginx_static.conf")
    with c.agent() as tracer:
        def work():
            with socket.create_connection(("127.0.0.1", port)) as conn:
                got = [len(wire.ask(conn, path)[1]) for path in ("/huge", "/a/ok", "/huge")]
            return 0 if got == [TEN_MB, 3, TEN_MB] else 1

        client = c.client(work)
        pids = servers.Running([(process, port)]).pids()
    served = [s for s in tracer.spans() if s.is_server and s.pid in pids]
    expect(sorted(s.path for s in served) == ["/a/ok", "/huge", "/huge"],
           f"server spans {[str(s) for s in served]}")
    expect(all(s.code == 200 for s in served), "a status is not 200")
    expect(len(case.paths_of(tracer.spans(), otlp.CLIENT, client)) == 3, "client spans are not 3")


@case.case
def splice(c):
    """A body moved from a pipe into the socket, without a buffer."""
    body = b"s" * 60000

    def send(conn):
        def whole(data):
            head, _, content = data.partition(b"\r\n\r\n")
            conn.sendall(head + b"\r\n\r\n")
            into, out = os.pipe()
            os.write(out, content)
            left = len(content)
            while left:
                left -= os.splice(into, conn.fileno(), left)
            os.close(into)
            os.close(out)
        return whole

    def work(listener):
        with wire.connect(listener) as conn:
            good = [wire.ask(conn, f"/splice/{n}") == (200, body) for n in range(3)]
        return 0 if all(good) else 1

    _exchange(c, [f"/splice/{n}" for n in range(3)],
              lambda conn: wire.answer_all(conn, send=send(conn), body=body), work)


def _pieces(data):
    return [piece for piece in (data[:5], data[5:40], data[40:]) if piece]


def _vectored(c, name, send, recv):
    """send(sock, pieces) → bytes sent; recv(sock, buffers) → bytes received."""
    paths = [f"/{name}/{n}" for n in range(3)]

    def sender(sock):
        def whole(data):
            sock.sendall(data[send(sock, _pieces(data)):])
        return whole

    def receiver(sock):
        return lambda _: recv(sock, [bytearray(11), bytearray(100), bytearray(65536)])

    def work(listener):
        with wire.connect(listener) as conn:
            conn.settimeout(None)  # a timeout makes the descriptor non-blocking
            reader = wire.Reader(conn, recv=receiver(conn))
            for path in paths:
                sender(conn)(wire.request_bytes(path))
                if wire.answered(reader)[0] != 200:
                    return 1
        return 0

    _exchange(c, paths, lambda conn: wire.answer_all(conn, sender(conn), receiver(conn)), work)


def _filled(buffers, count):
    return b"".join(buffers)[:count]


@case.case
def sendmsg_and_recvmsg(c):
    _vectored(c, "msg", lambda sock, pieces: sock.sendmsg(pieces),
              lambda sock, buffers: _filled(buffers, sock.recvmsg_into(buffers)[0]))


@case.case
def writev_and_readv(c):
    _vectored(c, "v", lambda sock, pieces: os.writev(sock.fileno(), pieces),
              lambda sock, buffers: _filled(buffers, os.readv(sock.fileno(), buffers)))


@case.case
def sendmmsg_and_recvmmsg(c):
    """Several messages a send, one a receive."""
    _vectored(c, "mmsg", mmsg.send, lambda sock, buffers: mmsg.recv(sock, buffers[2:]))


@case.case
def recvmmsg_of_many(c):
    """Several messages a receive, into several buffers: nothing tells which bytes went where,
    so they are counted by cause, and no span is made of them."""
    def receive(sock):
        return lambda _: mmsg.recv(sock, [bytearray(11), bytearray(100), bytearray(65536)])

    def work(listener):
        with wire.connect(listener) as conn:
            return 0 if wire.ask(conn, "/many")[0] == 200 else 1

    with c.agent() as tracer:
        listener, server = c.server(lambda conn: wire.answer_all(conn, recv=receive(conn)))
        client = c.client(lambda: work(listener))
        metrics = tracer.get("/metrics")[1]
    unseen = [int(line.split()[1]) for line in metrics.splitlines()
              if line.startswith("weft_kernel_other_unseen_total")]
    expect(unseen and unseen[0] > 0, f"other_unseen is {unseen}, not counted")
    case.expect_paths([s for s in tracer.spans() if s.kind == otlp.CLIENT], None, client, ["/many"])
    wrong = [s for s in tracer.spans() if s.pid == server and s.path != "/many"]
    expect(not wrong, f"spans of bytes that were not seen: {wrong}")
