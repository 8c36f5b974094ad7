# SPDX-License-Identifier: Apache-2.0
"""Protocols of lines that greet or answer as Redis does: no span of them, of any protocol."""
import contextlib
import os

from weft_harness import case, otlp, wire
from weft_harness.case import expect

# Who says what, in turns; the client has the odd ones if the server greets.
GREETED = {
    "pop3": ("+OK ready", "USER a", "+OK", "PASS b", "-ERR x", "AUTH", "-ERR y", "TYPE", "-ERR",
             "STAT", "+OK 2 320", "RETR 1", "+OK\r\n*1\r\n$4\r\nPING\r\n.", "QUIT", "+OK bye"),
    "imap": ("* OK ready", "a1 LOGIN a b", "a1 OK", "a2 APPEND INBOX {5}", "+ OK", "hello", "a2 OK",
             "a3 LOGOUT", "* BYE\r\na3 OK"),
    "smtp": ("220 ready", "EHLO averyveryverylongnameofahost", "250 OK", "MAIL FROM:<a@b>", "250 OK",
             "DATA", "354 go", "GET / HTTP/1.1\r\n.", "250 OK", "QUIT", "221 bye"),
    "ftp": ("220 ready", "USER a", "331 x", "CWD /pub/linux/distributions", "250 OK", "TYPE I",
            "200 x", "STOR /a/file/with/a/long/name.iso", "226 x", "QUIT", "221 bye"),
    "nats": ("INFO {}", "CONNECT {\"verbose\":true,\"pedantic\":false}", "+OK", "PING", "PONG",
             "PUB foo 5\r\nhello", "+OK", "PUB /foo/bar/baz/with/slashes 0\r\n", "-ERR 'no'"),
    "managesieve": ("\"SASL\" \"PLAIN\"\r\nOK", "AUTHENTICATE \"PLAIN\" \"AA==\"", "OK",
                    "GETSCRIPT \"a\"", "{5}\r\nkeep;\r\nOK", "LOGOUT", "OK"),
}
ASKED = {
    "beanstalkd": ("put 0 0 60 5\r\nhello", "INSERTED 1", "reserve", "RESERVED 1 5\r\nhello",
                   "touch 9", "NOT_FOUND"),
    "stomp": ("CONNECT\naccept-version:1.2\n\n\0", "CONNECTED\nversion:1.2\n\n\0",
              "SEND\ndestination:/q\n\n*1\r\n\0", "ERROR\n\n\0"),
    "irc": ("NICK bob\r\nUSER guest 0 * :Bob", ":h 001 bob :Hi\r\nPING :h", "PONG :h\r\nPING LAG1",
            ":h PONG LAG1", "TIME", "ERROR :bye"),
    "inline_redis": ("PING", "+PONG", "SET k v", "+OK", "GET k", "$1\r\nv", "QUIT", "+OK"),
    "inline_redis_in_small_letters": ("get k", "$1\r\nv", "incr k 1", "-ERR x", "quit", "+OK"),
}


def _turns():
    for name, said in GREETED.items():
        yield name, ("", *said)
    yield from ASKED.items()


def _talk(conn, said, mine):
    """Plays one side of the turns: those with an even number are the client's."""
    for number, text in enumerate(said):
        payload = text.encode() + b"\r\n" if text else b""
        if number % 2 == mine:
            conn.sendall(payload)
            continue
        while payload:
            piece = conn.recv(len(payload))
            if not piece:
                raise ConnectionError("closed in the middle of a dialogue")
            payload = payload[len(piece):]


def _server(c):
    """Serves each dialogue once, in order."""
    listener = wire.listen()

    def work():
        for _, said in _turns():
            conn, _ = listener.accept()
            with conn:
                _talk(conn, said, 1)
        return 0

    return listener, c.fork(work)


def _server_of_all(c, middle):
    """Accepts one connection for each dialogue, plays their first turns, then the rest."""
    listener = wire.listen()

    def work():
        conns = [listener.accept()[0] for _ in _turns()]
        for part in (slice(None, middle), slice(middle, None)):
            for conn, (_, said) in zip(conns, _turns()):
                _talk(conn, said[part], 1)
        return 0

    return listener, c.fork(work)


def _told(spans, *pids):
    return [str(span) for span in spans if span.pid in pids]


@case.case
def line_protocols_are_no_spans(c):
    """POP3, IMAP, SMTP, FTP, NATS, ManageSieve, beanstalkd, STOMP, IRC, Redis by hand."""
    with c.agent() as tracer:
        listener, server = _server(c)

        def work():
            for _, said in _turns():
                with wire.connect(listener) as conn:
                    _talk(conn, said, 0)
            return 0

        client = c.client(work)
    expect(not _told(tracer.spans(), server, client), f"{_told(tracer.spans(), server, client)}")


@case.case
def line_protocols_joined_late_are_no_spans(c):
    """The same, met in the middle of each dialogue."""
    middle = 2
    listener, server = _server_of_all(c, middle)
    begun, begun_write = os.pipe()
    go_read, go = os.pipe()

    def work():
        with contextlib.ExitStack() as kept:
            conns = [kept.enter_context(wire.connect(listener)) for _ in _turns()]
            for conn, (_, said) in zip(conns, _turns()):
                _talk(conn, said[:middle], 0)
            os.write(begun_write, b"x")
            os.read(go_read, 1)
            for conn, (_, said) in zip(conns, _turns()):
                _talk(conn, said[middle:], 0)
        return 0

    client = c.fork(work)
    os.read(begun, 1)
    with c.agent() as tracer:
        os.write(go, b"x")
        expect(c.group.reap(client, 60) == 0, "the client process failed")
    expect(not _told(tracer.spans(), server, client), f"{_told(tracer.spans(), server, client)}")


@case.case
def inline_redis_behind_an_array(c):
    """The first command of a connection is believed as an array only; what follows, as lines too."""
    said = ("PING", "+PONG", "*1\r\n$4\r\nPING", "+PONG", "GET k", "$1\r\nv")
    with c.agent() as tracer:
        listener = wire.listen()

        def serve():
            conn, _ = listener.accept()
            with conn:
                _talk(conn, said, 1)
            return 0

        server = c.fork(serve)

        def work():
            with wire.connect(listener) as conn:
                _talk(conn, said, 0)
            return 0

        client = c.client(work)
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        names = [span.name for span in tracer.spans() if (span.kind, span.pid) == (kind, pid)]
        expect(names == ["PING", "GET"], f"{names} of {pid}")
