# SPDX-License-Identifier: Apache-2.0
"""Statements that SQLite runs within a statement are below it; one root in each trace."""
import collections
import sqlite3

from weft_harness import case
from weft_harness.case import expect

STATEMENTS = (
    "CREATE TABLE t (v)", "CREATE TABLE log (v)",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.v); END",
    "INSERT INTO t VALUES (1)", "ALTER TABLE t ADD COLUMN w", "ALTER TABLE t RENAME TO u",
    "CREATE INDEX i ON u (v)", "VACUUM", "CREATE VIRTUAL TABLE f USING fts5(x)",
    "INSERT INTO f SELECT 'hello world ' || value FROM json_each('[1,2,3]')",
    "SELECT * FROM f WHERE f MATCH 'hello'", "CREATE VIRTUAL TABLE r USING rtree(id, a, b)",
    "INSERT INTO r VALUES (1, 0, 1)", "SELECT id FROM r WHERE a < 1", "DROP TABLE f",
    "PRAGMA journal_mode = WAL", "INSERT INTO u VALUES (2, 3)", "PRAGMA wal_checkpoint(TRUNCATE)",
    "ANALYZE", "REINDEX", "DROP TABLE r")


def _first_word(span):
    return (span.attributes.get("db.query.text") or span.name).split()[0].upper()


def _statements_and_roots(spans, pid):
    """Statement spans, and those of them that are roots; each trace has one root."""
    mine = [span for span in spans if span.pid == pid]
    roots = [span for span in mine if not span.parent_id]
    per_trace = collections.Counter(span.trace_id for span in roots)
    shared = [str(span) for span in roots if per_trace[span.trace_id] > 1]
    expect(not shared, f"roots that share a trace: {shared}")
    statements = [span for span in mine if not span.name.startswith("wal.")]
    return statements, sorted((span for span in statements if not span.parent_id),
                              key=lambda span: span.start)


def _below(span, spans):
    ids = {other.span_id: other for other in spans}
    while span.parent_id in ids:
        span = ids[span.parent_id]
    return span


@case.case
def statements_within_a_statement(c):
    """VACUUM, ALTER TABLE, full text search, R-trees, triggers: the application's are the roots."""
    def work():
        conn = sqlite3.connect(str(c.group.work / "nested.db"), isolation_level=None)
        for text in STATEMENTS:
            conn.execute(text).fetchall()
        return 0

    with c.agent() as tracer:
        client = c.client(work)
    statements, roots = _statements_and_roots(tracer.spans(), client)
    wanted = [text.split()[0] for text in STATEMENTS]
    expect([_first_word(span) for span in roots] == wanted,
           f"roots: {[str(span) for span in roots]}, not {wanted}")
    vacuum = next(span for span in roots if _first_word(span) == "VACUUM")
    inside = [span for span in statements if span is not vacuum and _below(span, statements) is vacuum]
    expect("ATTACH" in [_first_word(span) for span in inside], f"below VACUUM: {inside}")
    for span in inside:
        expect(vacuum.start <= span.start and span.end <= vacuum.end, f"{span} outlasts {vacuum}")


@case.case
def statements_between_rows_and_in_functions(c):
    """What an application runs between two rows is its own; what its function runs is below."""
    def work():
        path = str(c.group.work / "rows.db")
        conn = sqlite3.connect(path, isolation_level=None)
        other = sqlite3.connect(str(c.group.work / "other.db"), isolation_level=None)
        conn.execute("CREATE TABLE t (v)")
        other.execute("CREATE TABLE o (v)")
        conn.execute("INSERT INTO t VALUES (1), (2), (3)")
        for row in conn.execute("SELECT v FROM t"):
            other.execute("INSERT INTO o VALUES (?)", row)
        conn.create_function("noted", 1, lambda v: other.execute("DELETE FROM o WHERE v = ?", (v,)).rowcount)
        conn.execute("SELECT noted(v) FROM t").fetchall()
        return 0

    with c.agent() as tracer:
        client = c.client(work)
    statements, roots = _statements_and_roots(tracer.spans(), client)
    expect(sorted(_first_word(span) for span in roots) ==
           sorted(["CREATE", "CREATE", "INSERT", "SELECT", "INSERT", "INSERT", "INSERT", "SELECT"]),
           f"roots: {[str(span) for span in roots]}")
    last = roots[-1]
    below = [span for span in statements if span.parent_id == last.span_id]
    expect([_first_word(span) for span in below] == ["DELETE"] * 3, f"below {last}: {below}")
