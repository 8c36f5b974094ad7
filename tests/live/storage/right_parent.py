# SPDX-License-Identifier: Apache-2.0
"""Every flush hangs under the statement that committed, whatever way clients speak."""
import json

from weft_harness import case, databases, parents, procs, programs
from weft_harness.report import expect

CLIENTS = 8
COUNT = 40  # transactions of each
MODES = {"psycopg2_autocommit": "psycopg2", "psycopg2_explicit": "psycopg2",
         "psycopg2_several": "psycopg2", "psycopg2_copy": "psycopg2",
         "psycopg_prepared": "psycopg", "psycopg_pipeline": "psycopg",
         "psycopg_batch": "psycopg", "asyncpg_autocommit": "asyncpg",
         "asyncpg_explicit": "asyncpg"}


def run(c, mode):
    programs.need_module(MODES[mode])
    server = databases.postgres(c.group)
    server.query("create database bench")
    server.query("create table tagged(n int)", "bench")
    server.calm("bench")
    with c.agent() as tracer:
        client = c.group.start([procs.python(), "-B", _CLIENT, mode, server.port, CLIENTS, COUNT],
                               name="tagged")
        expect(client.wait(60) == 0, procs.tail(client))
        server.settle()
    lines = client.log_path.read_text(encoding="utf-8").splitlines()
    stretches = [parents.Stretch(s["pid"], s["begin"], s["end"], tuple(map(tuple, s["commits"])))
                 for s in map(json.loads, lines)]
    _verdict([s for s in tracer.spans() if server.is_mine(s) or s.pid == client.pid], stretches,
             client.pid)


def _verdict(spans, stretches, client_pid):
    tally = parents.check(spans, stretches)
    commits = sum(len(s.commits) for s in stretches)
    problems = tally.wrong + parents.check_statements(spans, client_pid)
    if tally.orphan:
        problems.append(f"{tally.orphan} flushes without their statement")
    if not commits or tally.missing:
        problems.append(f"{tally.missing} of {commits} commits have no flush")
    expect(not problems, "\n".join([str(tally), *problems]))


_CLIENT = procs.repo_root() / "tests" / "live" / "storage" / "clients" / "tagged.py"


def _register(mode):
    def right_parent(c):
        run(c, mode)
    right_parent.__name__ = f"pg_parents_{mode}"
    case.case(right_parent)


for _mode in MODES:
    _register(_mode)
