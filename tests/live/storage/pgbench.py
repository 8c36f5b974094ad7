# SPDX-License-Identifier: Apache-2.0
"""pgbench's TPC-B: spans against pg_stat_wal, pg_stat_statements and pgbench's own count."""
import re
import time

from weft_harness import case, databases, otlp, pins, postgres17, procs, wal
from weft_harness.postgres_elsewhere import postgres_elsewhere
from weft_harness.report import expect

TRANSACTIONS = {1: 300, 8: 75}  # each client's, by clients
MODES = ("simple", "extended", "prepared")
WALWRITER_REPORTS = 2  # s: it adds to pg_stat_wal once a second, between naps


def prepare(server, scale):
    server.query("create database bench")
    server.pgbench("-i", "-n", "-s", scale, "-q")
    server.calm("bench")


class Window:
    """A stretch of time with what the server counted in it."""

    def __init__(self, server):
        self._server = server

    def __enter__(self):
        self._before = self._counts()
        self._begin = time.time_ns()
        return self

    def __exit__(self, *_):
        after = self._counts()
        self._end = time.time_ns()
        self.counted = {key: after[key] - self._before[key] for key in after}

    def _counts(self):
        return {"statements": self._server.statements("bench"), **self._server.stat_wal()}

    def spans(self, spans):
        """Those of the server that started in the window."""
        return wal.started_in([s for s in spans if self._server.is_mine(s)],
                              (self._begin, self._end))


def run(c, clients, mode, start=databases.postgres):
    server = start(c.group)
    prepare(server, scale=clients)
    with c.agent() as tracer, Window(server) as window:
        before = metered(tracer, server), server.stat_wal()
        text = server.pgbench("-n", "-c", clients, "-M", mode, "-t", TRANSACTIONS[clients])
        problems = histogram(tracer, server, before)
    commits = int(re.search(r"actually processed: (\d+)", text)[1])
    spans = window.spans(tracer.spans())
    problems += counts(spans, commits, window.counted)
    problems += wal.shape(spans) + wal.links(spans) + under_end(spans)
    if mode == "prepared":  # of a prepared BEGIN or END PostgreSQL 15 counts the first only
        window.counted["statements"] += 2 * (commits - clients)
    problems += statements(spans, window.counted["statements"])
    if clients > 1 and not wal.flushes(spans, role="follower"):
        problems.append("no group commit: the load is not what it should be")
    expect(not problems, "\n".join(problems))


@case.case
def pg17_tpcb_c8_extended(c):
    """The same of version 17: everything in its binary is found there, no table of versions."""
    run(c, 8, "extended", postgres17.postgres17)


@case.case
def pg16_tpcb_c8_prepared(c):
    """Of version 16, built by others: nothing of it was ever looked at."""
    run(c, 8, "prepared", postgres_elsewhere(pins.POSTGRES_16))


@case.case
def pg14_tpcb_c1_extended(c):
    """Of version 14, whose statistics come late: it gathers them in a process."""
    run(c, 1, "extended", postgres_elsewhere(pins.POSTGRES_14))


def metered(tracer, server):
    """(count, ms) of wal.sync on the server's log in the agent's own histogram."""
    found = {"count": 0.0, "sum": 0.0}
    log = f'{server.folder}/data/pg_wal/*"'
    for line in tracer.get("/metrics")[1].splitlines():
        match = re.match(r"weft_storage_operation_duration_seconds_(count|sum)\{(.*)\} (\S+)", line)
        if match and 'operation="wal.sync"' in match[2] and log in match[2]:
            found[match[1]] += float(match[3])
    return found["count"], found["sum"] * 1000


def histogram(tracer, server, before):
    """The agent's histogram against pg_stat_wal, from `before` on until now."""
    counted = server.stat_wal()
    counted = {key: counted[key] - before[1][key] for key in counted}
    procs.wait_until(lambda: metered(tracer, server)[0] - before[0][0] >= counted["wal_sync"], 3)
    count, ms = metered(tracer, server)
    problems = wal.same("syncs in the histogram", count - before[0][0], counted["wal_sync"])
    return problems + wal.close("ms of wal.sync in the histogram", ms - before[0][1],
                                counted["wal_sync_time"])


def counts(spans, commits, counted):
    """Against pg_stat_wal. Each write repeats at most the page the last one ended in, and
    fills up its own last page."""
    committed = wal.flushes(spans, cause="commit")
    written = wal.total(wal.named(spans, "wal.flush"), "wal.bytes")
    most = counted["lsn"] + 2 * wal.PAGE * counted["wal_write"]
    problems = []
    if len(committed) != commits:
        problems.append(f"{len(committed)} leaders and followers for {commits} commits")
    problems += wal.same("syncs", len(wal.syncs(spans)), counted["wal_sync"])
    problems += wal.same("writes", wal.total(spans, "wal.writes"), counted["wal_write"])
    problems += wal.same("records", wal.total(spans, "wal.records"), counted["wal_records"])
    problems += wal.same("bytes of records", wal.total(spans, "wal.record_bytes"),
                         counted["wal_bytes"])
    problems += wal.same("bytes synced", wal.total(wal.syncs(spans), "wal.bytes"), written)
    if not counted["lsn"] <= written <= most:
        problems.append(f"{written} bytes written for {counted['lsn']} of log")
    return problems + wal.close("ms in wal.sync", wal.milliseconds(wal.syncs(spans)),
                                counted["wal_sync_time"])


def statements(spans, counted):
    """Against pg_stat_statements, which counts what is executed, not what is prepared."""
    served = [s for s in spans if s.is_server and s.attributes.get("db.namespace") == "bench" and
              s.attributes.get("db.operation.name") != "PREPARE"]
    return wal.same("statement spans", len(served), counted)


def under_end(spans):
    """The statement that commits is END."""
    index = otlp.Index(spans)
    above = [index.parent(f) for f in wal.flushes(spans, cause="commit")]
    stray = [a for a in above if a is None or a.name.upper() != "END"]
    return [f"{len(stray)} flushes are not under END, but {stray[0]}"] if stray else []


def _register(clients, mode):
    def tpcb(c):
        run(c, clients, mode)
    tpcb.__name__ = f"pg_tpcb_c{clients}_{mode}"
    case.case(tpcb)


for _clients in TRANSACTIONS:
    for _mode in MODES:
        _register(_clients, _mode)


@case.case
def pg_async_commit(c):
    """synchronous_commit = off: commits append, and the walwriter's flushes are nobody's."""
    server = databases.postgres(c.group, settings={"synchronous_commit": "off",
                                                   "wal_writer_delay": "20ms"})
    prepare(server, scale=1)
    with c.agent() as tracer:
        time.sleep(WALWRITER_REPORTS)
        with Window(server) as window:
            text = server.pgbench("-n", "-c", 1, "-t", TRANSACTIONS[1])
            time.sleep(WALWRITER_REPORTS)
    commits = int(re.search(r"actually processed: (\d+)", text)[1])
    spans = window.spans(tracer.spans())
    index = otlp.Index(spans)
    appends = [s for s in wal.named(spans, "wal.append") if s.attributes.get("wal.lsn")]
    problems = wal.same("commits that do not wait", len(appends), commits)
    problems += [f"{a}: durable" for a in appends if a.attributes.get("wal.durable")]
    stray = [a for a in appends if index.parent(a) is None or index.parent(a).name != "END"]
    problems += [f"{a}: not under END, but {index.parent(a)}" for a in stray]
    problems += wal.same("commits that wait", len(wal.flushes(spans, cause="commit")), 0)
    problems += [f"{f}: the walwriter's, under {index.parent(f)}" for f in wal.flushes(spans)
                 if f.parent_id]
    problems += wal.same("syncs", len(wal.syncs(spans)), window.counted["wal_sync"])
    problems += wal.same("records", wal.total(spans, "wal.records"), window.counted["wal_records"])
    expect(not problems, "\n".join(problems + wal.shape(spans)))
