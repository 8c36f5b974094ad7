# SPDX-License-Identifier: Apache-2.0
"""A disk that is really slow: the trace says where the time went, and blames nothing else."""
import time

from weft_harness import case, databases, otlp, slow_disk, wal
from weft_harness.report import expect

from . import pgbench

COMMITS = 40
WRITES_A_SECOND = 50
IN_SYNC = 0.95  # of the time that was added


class Side:
    """The inserts of one stretch of time: statement, flush and sync of each, in ms."""

    def __init__(self, spans):
        index = otlp.Index(spans)
        self.syncs = wal.syncs(spans)
        flushes = [index.parent(s) for s in self.syncs]
        statements = [f and index.parent(f) for f in flushes]
        whole = all(s and s.is_server for s in statements)
        expect(len(self.syncs) == COMMITS, f"{len(self.syncs)} syncs for {COMMITS} commits")
        expect(whole, "a sync is not under a flush under a statement")
        self.sync, self.flush, self.statement = map(wal.milliseconds,
                                                    (self.syncs, flushes, statements))


@case.case
def pg_slow_disk(c):
    with slow_disk.SlowDisk(c.group.work) as disk:
        server = databases.postgres(c.group, wrap=disk.wrap())
        try:
            fast, slow, counted = _measure(c, server, disk)
        finally:
            c.group.stop(server.proc)
    problems = wal.close("ms in wal.sync", slow.sync, counted["wal_sync_time"])
    added = slow.statement - fast.statement
    if added < COMMITS * 5:
        problems.append(f"the disk is not slow: {added:.1f} ms more for {COMMITS} commits")
    for name in ("sync", "flush"):
        here = getattr(slow, name) - getattr(fast, name)
        if not IN_SYNC * added <= here <= added / IN_SYNC:
            problems.append(f"{here:.1f} ms of the {added:.1f} ms added are in wal.{name}")
    expect(not problems, "\n".join(problems))


def _measure(c, server, disk):
    server.query("create database bench")
    server.query("create table slow(n int)", "bench")
    server.calm("bench")
    script = c.group.work / "insert.sql"
    script.write_text("insert into slow values (1);\n", encoding="ascii")
    with c.agent() as tracer:
        with pgbench.Window(server) as before:
            server.pgbench("-n", "-f", script, "-t", COMMITS)
        disk.limit(WRITES_A_SECOND)
        with pgbench.Window(server) as during:
            server.pgbench("-n", "-f", script, "-t", COMMITS)
        disk.limit(None)
        time.sleep(0.1)
    spans = tracer.spans()
    return Side(before.spans(spans)), Side(during.spans(spans)), during.counted
