# SPDX-License-Identifier: Apache-2.0
"""Logs written by the application itself, on the thread that serves the request."""
import os
import sqlite3

from weft_harness import case, chains, checks, orders, otlp, parents, pins, procs, wal
from weft_harness.report import expect

from .end_to_end import APPS, REQUESTS

LIFE = ["wal.entry.add", "wal.entry.update", "wal.entry.complete"]


def _run(c, argv, ready=lambda spans: True):
    """(spans, numbers of the orders, the application's pid), after a load at each concurrency."""
    port = procs.free_port()
    argv = [str(a).format(port=port) for a in argv]
    proc = c.group.start(argv, name="app", env={"PYTHONDONTWRITEBYTECODE": "1"})
    c.group.wait_port(port, proc)
    numbers = []
    with c.agent() as tracer:
        met = procs.wait_until(lambda: _meet(tracer, port, proc.pid, ready), 20)
        expect(met, "the engine is never seen")
        for concurrency, count in REQUESTS.items():
            mine = [1000 * concurrency + n for n in range(count)]
            failures = chains.send_load(port, map(orders.path, mine), concurrency, "POST")
            expect(not failures, "\n".join(failures[:5]))
            numbers += mine
    return tracer.spans(), numbers, proc.pid


_meetings = iter(range(1, 1000))


def _meet(tracer, port, pid, ready):
    """One order, until it is seen down to its engine."""
    chains.send_load(port, [orders.path(next(_meetings))], 1, "POST")
    return procs.wait_until(lambda: ready([s for s in tracer.spans() if s.pid == pid]), 1)


def _requests(index, numbers, pid):
    """(number, its server span), and what is wrong with those."""
    found, problems = [], []
    for number in numbers:
        asked = index.at(orders.path(number), otlp.CLIENT, {os.getpid()})
        heard = index.at(orders.path(number), otlp.SERVER, {pid})
        if len(asked) != 1 or len(heard) != 1:
            problems.append(f"order {number}: {len(asked)} client, {len(heard)} server spans")
            continue
        problems += checks.is_child(heard[0], asked[0])
        found.append((number, heard[0]))
    return found, problems


@case.case
def app_sqlite(c):
    database = c.group.work / "orders.db"
    with sqlite3.connect(database) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table orders(n int)")
    spans, numbers, pid = _run(
        c, [procs.python(), APPS / "threads_orders.py", "{port}", database],
        lambda mine: any("db.query.text" in s.attributes for s in mine))
    index = otlp.Index(spans)
    statements = {}
    for span in spans:
        if span.attributes.get("db.system.name") == "sqlite":
            for word in parents.words(span):
                statements.setdefault(word, []).append(span)
    synced = {s.parent_id for s in wal.syncs(spans)}
    flushed = {f.parent_id for f in wal.flushes(spans) if f.span_id in synced}
    found, problems = _requests(index, numbers, pid)
    for number, server in found:
        mine = statements.get(f"order{number}", [])
        problems += wal.same(f"statements of order {number}", len(mine), 1)
        for statement in mine:
            problems += checks.is_child(statement, server)
            if statement.span_id not in flushed:
                problems.append(f"{statement} {statement.name}: no wal.flush with wal.sync in it")
    expect(not problems, "\n".join(problems))


@case.case
def app_ipfs_kit(c):
    """Each change of an operation is a span of the request that made it, linked to the last."""
    packages = pins.python("ipfs_kit_py")
    spans, numbers, pid = _run(c, [procs.python(), APPS / "ipfs_kit_orders.py", "{port}",
                                   c.group.work / "wal", packages])
    changes = {}
    for span in sorted(wal.named(spans, *LIFE, "wal.entry.write"), key=lambda s: s.start):
        changes.setdefault(span.attributes.get("wal.entry.id"), []).append(span)
    found, problems = _requests(otlp.Index(spans), numbers, pid)
    for number, server in found:
        mine = changes.get(f"order{number}", [])
        problems += wal.same(f"changes of order {number}", [s.name for s in mine], LIFE)
        for change in mine:
            problems += checks.is_child(change, server)
        for before, after in zip(mine, mine[1:]):
            problems += wal.same(f"links of {after.name}", [k["spanId"] for k in after.links],
                                 [before.span_id])
    expect(not problems, "\n".join(problems))
