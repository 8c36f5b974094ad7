# SPDX-License-Identifier: Apache-2.0
"""What a value is depends on the connection's settings: none is told in clear."""
import sqlite3

from weft_harness import case, databases, pgwire
from weft_harness.report import expect

_OFF = {"options": "-c standard_conforming_strings=off"}
_BACKSLASHES = (r"select 'it\'s SECRET1 here'", r"select 'a\\' , 'x\' SECRET2'")


def _postgresql(server):
    def work():
        connection = pgwire.Connection(server, **_OFF)
        for text in _BACKSLASHES:
            connection.ask(pgwire.query(text))
        connection = pgwire.Connection(server)
        connection.ask(pgwire.query("set standard_conforming_strings = off"))
        connection.ask(pgwire.query(r"select 'z\'SECRET3', 1"))
        connection.ask(pgwire.query("reset all"), )
        connection.ask(pgwire.query(r"select 'c:\', 1 as plain"))
        # Sent before the setting's change is heard of.
        connection.send(pgwire.query("set standard_conforming_strings = off"),
                        pgwire.query(r"select 'y\'SECRET4', 1"))
        connection.ready()
        connection.ready()
        for text in ("set application_name = SECRET5", "alter role postgres set work_mem = SECRET6",
                     "set search_path to SECRET7, public", "notify jobs, 'SECRET8'"):
            connection.ask(pgwire.query(text))
        return 0
    return work


def _sqlite(path):
    def work():
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("create table t (v)")
        connection.execute('insert into t values ("SECRET10")')
        connection.execute('update t set v = "SECRET11" where v = "SECRET10"')
        connection.execute("pragma user_version = SECRET12")
        return 0
    return work


@case.case
def values_by_settings_and_dialect(c):
    server = databases.postgres(c.group, settings={"backslash_quote": "on",
                                                   "escape_string_warning": "off"})
    with c.agent("--log-level", "trace") as tracer:
        pid = c.client(_postgresql(server))
        c.client(_sqlite(c.group.work / "secret.db"))
        tracer.wait_spans(lambda spans: any("notify" in s.name.lower() for s in spans))
    for file in (tracer.out, tracer.proc.log_path):
        told = file.read_text(encoding="utf-8")
        expect("SECRET" not in told, [line[:300] for line in told.splitlines() if "SECRET" in line])
    texts = [s.attributes.get("db.query.text") for s in tracer.spans() if s.pid == pid]
    expect("select ?, ? as plain" in texts, f"what is certain is told: {texts}")
