# SPDX-License-Identifier: Apache-2.0
"""Heads longer than what is copied of them, or cut: what was seen is told, the rest is absent."""
from weft_harness import case, otlp, servers, wire
from weft_harness.case import expect

KB = 1024


def _expect_codes(spans, kind, pids, prefix, wanted):
    found = sorted((s.method, s.path, s.code) for s in spans
                   if s.kind == kind and s.pid in pids and s.path.startswith(prefix))
    expect(found == sorted(wanted), f"{kind} {prefix}: {found} instead of {sorted(wanted)}")


@case.case
def response_heads_of_any_length(c):
    """Set-Cookie by the kilobyte, with a connection each and on a kept one."""
    sizes = (2, 4, 5, 7, 12, 20, 40, 70)

    def cookies(conn):
        reader = wire.Reader(conn)
        while message := reader.message():
            count = int(message[0].split()[1].split("/")[2]) * 10
            conn.sendall(wire.response_bytes(b"b" * 100, headers=["Set-Cookie: " + "c" * 90] * count))

    with c.agent() as tracer:
        listener, server = c.server(cookies)

        def work():
            for size in sizes:
                with wire.connect(listener) as conn:
                    wire.ask(conn, f"/each/{size}")
            with wire.connect(listener) as conn:
                for size in sizes:
                    wire.ask(conn, f"/kept/{size}")
                    wire.ask(conn, f"/kept/0/{size}")
            return 0

        client = c.client(work)
    kept = [f"/kept/{size}" for size in sizes] + [f"/kept/0/{size}" for size in sizes]
    for prefix, paths in (("/each", [f"/each/{size}" for size in sizes]), ("/kept", kept)):
        wanted = [("GET", path, 200) for path in paths]
        _expect_codes(tracer.spans(), otlp.SERVER, {server}, prefix, wanted)
        _expect_codes(tracer.spans(), otlp.CLIENT, {client}, prefix, wanted)
    case.expect_joined(tracer.spans(), server, client)


@case.case
def long_targets(c):
    """Queries of up to 40 KB to nginx (414 beyond 8) and to a server that takes them; headers too."""
    sizes = (4, 7, 12, 20, 40)
    with c.agent() as tracer:
        nginx = servers.nginx_static(c.group)
        pids = nginx.pids()
        listener, server = c.server()

        def work():
            for size in sizes:
                for port in (nginx.port, listener.getsockname()[1]):
                    where = "n" if port == nginx.port else "s"
                    with wire.connect_port(port) as conn:
                        wire.ask(conn, f"/{where}/{size}?q=" + "x" * (size * KB))
                    with wire.connect_port(port) as conn:
                        wire.ask(conn, f"/{where}/head/{size}", headers=["X: " + "x" * (size * KB)])
            return 0

        client = c.client(work)
    spans = tracer.spans()
    for size in sizes:
        for where, who in (("n", pids), ("s", {server})):
            code = 200 if where == "s" else None
            for path, refused in ((f"/{where}/{size}", 414), (f"/{where}/head/{size}", 400)):
                status = code or (refused if size > 8 else 404)
                for kind, side in ((otlp.SERVER, who), (otlp.CLIENT, {client})):
                    found = [s.code for s in spans if s.kind == kind and s.pid in side
                             and s.path == path]
                    expect(found == [status], f"{kind} {path}: {found} instead of {status}")


@case.case
def path_longer_than_what_is_seen(c):
    """A cut path is no path: it is absent, and named as such."""
    with c.agent() as tracer:
        listener, server = c.server()

        def work():
            with wire.connect(listener) as conn:
                return 0 if wire.ask(conn, "/" + "x" * (40 * KB))[0] == 200 else 1

        client = c.client(work)
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        span = case.only(tracer.spans(), kind, pid)
        expect((span.method, span.code, span.path) == ("GET", 200, ""), f"{span}")
        expect("url.path" in span.attributes.get("weft.truncated", []), f"{span.attributes}")


@case.case
def response_head_cut_by_the_end(c):
    """FIN or RST within a head: its status is told, and how it ended."""
    def cut(conn):
        wire.Reader(conn).message()
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: te")

    def reset(conn):
        cut(conn)
        conn.recv(1)
        wire.reset_on_close(conn)

    for handle, error in ((cut, "connection_closed"), (reset, "connection_reset")):
        with c.agent() as tracer:
            listener, server = c.server(handle)

            def work():
                with wire.connect(listener) as conn:
                    conn.sendall(wire.request_bytes("/cut"))
                    conn.recv(100)
                    if error == "connection_reset":
                        conn.sendall(b"G")
                    try:
                        conn.recv(100)
                    except ConnectionError:
                        pass
                return 0

            client = c.client(work)
        for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
            span = case.only(tracer.spans(), kind, pid)
            told = (span.path, span.code, span.status, span.attributes.get("error.type"))
            # Of the end that resets, the kernel says no more than that it closed.
            how = "connection_closed" if kind == otlp.SERVER else error
            expect(told == ("/cut", 200, otlp.ERROR, how), f"{span}: {told}")
