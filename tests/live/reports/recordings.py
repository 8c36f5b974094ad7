# SPDX-License-Identifier: Apache-2.0
"""A redacted recording is read byte by byte: what was planted in arguments, environments,
requests, statements, values and files of real programs is in none of it."""
import os
import subprocess

from weft_harness import agent, case, databases, otlp, procs, programs, wire
from weft_harness.case import expect

SECRET = "S3CR3T"


def _recording(c, *flags):
    return agent.Recording(c.group, c.weft, [*c.flags, "--log-level", "trace", *flags],
                           c.group.work / "session.weft")


def _leaks(file):
    """Where any spelling of a secret stands, with what is around it."""
    content = file.read_bytes()
    found = []
    for spelling in (SECRET, SECRET.lower(), SECRET[:4], SECRET[2:]):
        at = content.find(spelling.encode())
        if at >= 0:
            found.append(f"{spelling} at {at}: {content[max(0, at - 60):at + 40]!r}")
    return found


def _expect_no_leak(recorder, spans=True):
    """Neither in the recording, nor in the log, nor in the spans told meanwhile."""
    for file in (recorder.file, recorder.proc.log_path, *([recorder.out] if spans else [])):
        expect(not _leaks(file), f"{file.name}: " + "; ".join(_leaks(file)))


def _answer(conn):
    """Secrets in the reason, a field and the body of the answer."""
    reader = wire.Reader(conn)
    while reader.message() is not None:
        body = f'{{"token": "{SECRET}"}}\n'.encode()
        head = (f"HTTP/1.1 500 no {SECRET}\r\nSet-Cookie: id={SECRET}\r\nX-Why: {SECRET}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        conn.sendall(head[:40])
        conn.sendall(head[40:])
        conn.sendall(body)


def _run(*argv, **environment):
    subprocess.run([str(word) for word in argv], env={**os.environ, **environment}, timeout=30,
                   check=True)


def _curl(listener):
    port = listener.getsockname()[1]
    url = f"http://bob:{SECRET}@127.0.0.1:{port}/a;v={SECRET}?{SECRET}&key={SECRET}#{SECRET}"
    _run(programs.need("curl"), "-sS", "-o", "/dev/null", "-H", f"X-Api-Key: {SECRET}",
         "-H", f"Cookie: s={SECRET}", "-H", "X-Request-ID: r-1", "--data", f"password={SECRET}", url,
         API_KEY=SECRET, OTEL_EXPORTER_OTLP_HEADERS=SECRET)


def _script(c, *lines):
    """A Python program with secrets in its arguments and environment."""
    file = c.group.work / "job.py"
    file.write_text("\n".join(lines))
    _run("/usr/bin/python3", "-Wignore", file, "--password", SECRET,
         f"postgres://bob:{SECRET}@db/x", TOKEN=SECRET)


@case.case
def recordings_hold_no_http_secret(c):
    recorder = _recording(c)
    with recorder:
        listener, _ = c.server(_answer)
        _curl(listener)
        _script(c, "import http.client",
                f"conn = http.client.HTTPConnection('127.0.0.1', {listener.getsockname()[1]})",
                "conn.putrequest('POST', '/b')", "conn.putheader('Content-Length', '31')",
                f"conn.putheader('Authorization', 'Bearer {SECRET}')", "conn.endheaders()",
                f"conn.send(b'host: {SECRET}\\n')", f"conn.send(b'x: {SECRET}{SECRET}..\\n')",
                "conn.getresponse().read()")
    _expect_no_leak(recorder, spans=False)  # they show a path and a query
    told = _expect_replay(c, recorder.file, {"curl", "job"}, 4)
    ids = [s.attributes.get("http.request.header.x-request-id") for s in told
           if s.service == "curl"]
    expect(ids == [["r-1"]], f"what spans show unasked is replayed as {ids}")


def _expect_replay(c, file, names, spans):
    """It still tells who did what. Returns the spans."""
    out = c.group.work / "replayed.jsonl"
    done = agent.run_weft(c.weft, "replay", file, "--exporter", f"otlp_file:path={out}")
    expect(done[0] == 0, f"the replay ended with {done}")
    told = otlp.SpanLog(out).read()
    expect(len(told) >= spans, f"{len(told)} spans replayed instead of {spans}")
    found = {span.resource.get("service.name") for span in told}
    expect(names <= found, f"services {found} instead of {names}")
    return told


@case.case
def recordings_hold_no_sql_secret(c):
    database = databases.postgres(c.group)
    recorder = _recording(c)
    with recorder:
        for statement in (f"select '{SECRET}'", f"create table t (x text check (x <> '{SECRET}'))",
                          f"insert into t values ('{SECRET}1')", f"set application_name = '{SECRET}'",
                          f"select $tag${SECRET}$tag$", f"-- {SECRET}\nselect 1"):
            database.query(statement)
        for bad in (f"insert into t values ('{SECRET}')", f"select '{SECRET}'::int"):
            try:
                database.query(bad)
            except RuntimeError:
                continue
            expect(False, f"{bad} did not fail")
    _expect_no_leak(recorder)
    _expect_replay(c, recorder.file, {"psql", "postgres"}, 8)


@case.case
def recordings_hold_no_redis_secret(c):
    server = databases.redis(c.group, requirepass=SECRET)
    recorder = _recording(c)
    with recorder:
        for words in (("set", f"key:{SECRET}", SECRET), ("get", f"key:{SECRET}"),
                      ("eval", f"return '{SECRET}'", "0"), (SECRET, SECRET),
                      ("incr", f"key:{SECRET}"), ("config", "set", "requirepass", SECRET)):
            server.command("-a", SECRET, "--no-auth-warning", *words)
        server.command("-a", f"wrong{SECRET}", "ping")
    _expect_no_leak(recorder, spans=False)  # they show keys
    _expect_replay(c, recorder.file, {"redis-cli", "redis-server"}, 8)


@case.case
def recordings_hold_no_memcached_secret(c):
    port = procs.free_port()
    server = c.group.start([programs.need("memcached"), "-u", "nobody", "-l", "127.0.0.1", "-p", port,
                            "-U", "0"], name="memcached")
    c.group.wait_port(port, server)

    def work():
        with wire.connect_port(port) as conn:
            answers = wire.Reader(conn)
            for line in (f"set key:{SECRET} 0 0 6\r\n{SECRET}", f"get key:{SECRET} {SECRET}",
                         f"incr key:{SECRET} 1", SECRET, f"ms {SECRET} 6\r\n{SECRET}",
                         f"mg {SECRET} v k O{SECRET}", f"stats {SECRET}", f"delete key:{SECRET}"):
                conn.sendall(line.encode() + b"\r\n")
                first = answers.until(b"\r\n")
                if first.startswith((b"VALUE", b"VA")):
                    answers.until(b"END\r\n" if first.startswith(b"VALUE") else b"\r\n")
        return 0

    recorder = _recording(c)
    with recorder:
        c.client(work)
    _expect_no_leak(recorder, spans=False)  # they show keys
    _expect_replay(c, recorder.file, {"memcached"}, 16)


@case.case
def recordings_hold_no_secret_of_files(c):
    folder = c.group.work / "wal"
    folder.mkdir()
    recorder = _recording(c)
    with recorder:
        _script(c, "import json, os, sqlite3, sys", f"folder = {str(folder)!r}",
                "for n in range(3):",
                "    path = os.path.join(folder, f'{n}.json')",
                "    with open(path + '.tmp', 'w') as f:",
                f"        json.dump({{'operation': 'add', 'token': '{SECRET}'}}, f)",
                "        f.flush(); os.fsync(f.fileno())",
                "    os.rename(path + '.tmp', path)",
                "db = sqlite3.connect(os.path.join(folder, 'x.db'))",
                "db.execute('pragma journal_mode=wal')",
                f"db.execute('create table t as select \"{SECRET}\" as a')",
                f"db.execute('insert into t values (?)', ('{SECRET}',))", "db.commit()")
    expect(recorder.file.stat().st_size > 1000, "nothing was recorded")
    _expect_no_leak(recorder)


@case.case
def recordings_to_where_none_can_be(c):
    """A folder, a missing one, a full disk: exit 11 and one line."""
    for target, why in (("/", "Is a directory"), ("/nonexistent/x.weft", "No such file"),
                        ("/dev/full", "No space")):
        code, _, stderr = agent.run_weft(c.weft, "record", target, "--exporter", "null",
                                         "--duration", "1", "--admin", "off")
        lines = [l for l in stderr.splitlines() if l.startswith("weft:")]
        expect((code, len(lines)) == (11, 1) and target in lines[0] and why in lines[0],
               f"record {target}: exit {code}: {stderr}")
