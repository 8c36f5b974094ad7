# SPDX-License-Identifier: Apache-2.0
"""A driver's own round trips are no statements of the user's: spans against the server's counts.

pg_stat_statements counts what is executed. With track_utility off that is SELECT, INSERT, UPDATE
and DELETE, compared here for each of them. It never counts what a driver prepares by name, which
is a span named PREPARE and has db.operation.name = PREPARE: those are left out. The server's log
(log_statement = all) has a line for each Execute and each Query, BEGIN and COMMIT as well:
compared as a whole, for a Query of several statements is one span and one line, though several
in pg_stat_statements.
"""
import collections
import os
import re
import subprocess

from weft_harness import case, databases, otlp, pins, procs, programs
from weft_harness.report import Skip, expect

APPS = procs.repo_root() / "tests" / "live" / "clients"
JDBC = "/usr/share/java/postgresql.jar"
_SETTINGS = {"pg_stat_statements.track_utility": "off", "log_statement": "all",
             "log_line_prefix": "%d|"}
_COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE")


def _verb(text):
    return text.split(None, 1)[0].upper() if text else ""


def _counted(server):
    """Calls by verb, of the user's database."""
    rows = server.query("select query, calls from pg_stat_statements s join pg_database d on "
                        "d.oid = s.dbid where datname = 'notes'")
    calls = collections.Counter()
    for row in rows:
        if len(row) == 2:  # the text of one may go over several lines
            calls[_verb(row[0])] += int(row[1])
    return {verb: calls[verb] for verb in _COUNTED}


def _logged(server):
    log = server.proc.log_path.read_text(encoding="utf-8", errors="replace")
    return len(re.findall(r"^notes\|LOG: {2}(?:statement|execute)", log, re.MULTILINE))


def _run(argv, env=None):
    """The pid of a client that has done its work."""
    proc = subprocess.Popen([str(a) for a in argv], stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **(env or {})})
    said = proc.communicate(timeout=60)[1]
    expect(proc.returncode == 0, f"{argv[0]} ended with {proc.returncode}: {said[-300:]}")
    return proc.pid


def _check(spans, server, problems, side):
    told = [s for s in spans if s.attributes.get("db.operation.name") != "PREPARE"]
    verbs = collections.Counter(_verb(s.attributes.get("db.query.summary", "")) for s in told)
    found = {verb: verbs[verb] for verb in _COUNTED}
    if found != _counted(server):
        problems.append(f"{side}: {found}, and the server counts {_counted(server)}")
    if len(told) != _logged(server):
        problems.append(f"{side}: {len(told)} spans for {_logged(server)} lines of the log")
    for span in spans:
        prepare = span.attributes.get("db.operation.name") == "PREPARE"
        if prepare != span.name.upper().startswith("PREPARE "):
            problems.append(f"{side}: {span.name}, {span.attributes}")


def _compare(c, argv, env=None, parsed_apart=None):
    """parsed_apart: must some statements have been parsed in round trips of their own?"""
    server = databases.postgres(c.group, settings=_SETTINGS)
    server.query("create database notes")
    server.query("create table notes (id int, text text)", "notes")
    server.query("select pg_stat_statements_reset()")
    before = _logged(server)
    expect(before > 0, "nothing is in the log")
    with c.agent() as tracer:
        server.proc.log_path.write_text("", encoding="utf-8")
        pid = _run([str(a).format(port=server.port) for a in argv], env)
        tracer.wait_spans(lambda spans: len([s for s in spans if s.pid == pid]) >= _logged(server))
    notes = [s for s in tracer.spans() if s.attributes.get("db.namespace") == "notes"]
    problems = []
    client = [s for s in notes if s.pid == pid and s.kind == otlp.CLIENT]
    _check(client, server, problems, "client")
    _check([s for s in notes if s.is_server and server.is_mine(s)], server, problems, "server")
    apart = [s for s in client if any(e["name"] == "db.prepare" for e in s.events)]
    if parsed_apart is not None and bool(apart) != parsed_apart:
        problems.append(f"{len(apart)} spans have an event db.prepare")
    expect(not problems, "\n".join(problems))


def _python(module, driver=None):
    programs.need_module(module)
    return [procs.python(), APPS / "statements.py", driver or module, "{port}", "notes"]


@case.case
def statements_of_psycopg2(c):
    _compare(c, _python("psycopg2"), parsed_apart=False)


@case.case
def statements_of_psycopg(c):
    _compare(c, _python("psycopg"), parsed_apart=False)


@case.case
def statements_of_asyncpg(c):
    _compare(c, _python("asyncpg"))


@case.case
def statements_of_asyncpg_uncached(c):
    _compare(c, _python("asyncpg", "asyncpg_uncached"), parsed_apart=True)


@case.case
def statements_of_lib_pq(c):
    binary = programs.build_go_with(APPS / "statements_libpq.go", c.group.work / "statements",
                                    "github.com/lib/pq")
    _compare(c, [binary, "{port}", "notes"], parsed_apart=True)


def _register(mode, parsed_apart):
    def statements_of_pgx(c):
        binary = pins.go(APPS / "statements_pgx.go", c.group.work / "statements",
                         "github.com/jackc/pgx/v5")
        _compare(c, [binary, "{port}", "notes", mode], parsed_apart=parsed_apart)
    statements_of_pgx.__name__ = f"statements_of_pgx_{mode}"
    case.case(statements_of_pgx)


for _mode, _apart in {"cache_statement": False, "cache_describe": True, "describe_exec": True,
                      "exec": False, "simple": False}.items():
    _register(_mode, _apart)


@case.case
def statements_of_node_pg(c):
    modules = pins.node("pg")
    _compare(c, [programs.need("node"), APPS / "statements.js", "{port}", "notes"],
             {"NODE_PATH": str(modules)}, parsed_apart=False)


@case.case
def statements_of_jdbc(c):
    if not os.access(JDBC, os.R_OK):
        raise Skip("libpostgresql-jdbc-java is not installed")
    programs.build_java(APPS / "Statements.java", c.group.work)
    _compare(c, [programs.need("java"), "-cp", f"{c.group.work}:{JDBC}", "Statements", "{port}",
                 "notes"], parsed_apart=False)
