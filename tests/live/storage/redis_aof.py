# SPDX-License-Identifier: Apache-2.0
"""Redis' append-only file under redis-benchmark, against INFO."""
import time

from weft_harness import case, databases, otlp, wal
from weft_harness.report import expect

SETS = 2000
CLIENTS = 8


def _run(c, when):
    """(spans of the window, bytes the file grew by, SET commands executed)."""
    server = databases.redis(c.group, appendonly="yes", appendfsync=when,
                             auto_aof_rewrite_percentage="0")
    server.command("set", "first", "1")  # the file has said which database it is about
    with c.agent() as tracer:
        size = int(server.info("persistence")["aof_current_size"])
        begin = time.time_ns()
        server.benchmark("-t", "set", "-n", SETS, "-c", CLIENTS, "-r", 1000, "-d", 100, "-q")
        size = int(server.info("persistence")["aof_current_size"]) - size
        calls = server.info("commandstats")["cmdstat_set"]
        if when == "everysec":
            time.sleep(1.2)  # the last second's sync
        end = time.time_ns()
    sets = int(calls.split("calls=")[1].split(",")[0]) - 1
    spans = wal.started_in([s for s in tracer.spans() if s.pid == server.proc.pid], (begin, end))
    return spans, size, sets


def _of_main(spans):
    """Flushes of the thread that executes commands: they say for which they are."""
    return [f for f in wal.flushes(spans) if f.links]


def _served(spans):
    return {s.span_id: s for s in spans if s.is_server and s.name.upper().startswith("SET")}


def _links(spans):
    """Each SET waits for the one flush that it is linked from."""
    served = _served(spans)
    flushed = [(f, link["spanId"]) for f in _of_main(spans) for link in f.links]
    ids = [i for _, i in flushed if i in served]
    problems = wal.same("SETs that a flush is linked to", len(set(ids)), len(served))
    problems += wal.same("links to SETs", len(ids), len(served))
    for flush, i in flushed:
        span = served.get(i)
        if span and not span.start <= flush.start <= flush.end <= span.end:
            problems.append(f"{flush}: linked to {span} {span.name}, of another time")
    return problems


@case.case
def redis_aof_always(c):
    spans, size, sets = _run(c, "always")
    flushes = wal.flushes(spans)
    problems = wal.same("SET spans", len(_served(spans)), sets)
    problems += wal.same("bytes", wal.total(flushes, "wal.bytes"), size)
    problems += wal.same("bytes synced", wal.total(wal.syncs(spans), "wal.bytes"), size)
    problems += wal.same("syncs", len(wal.syncs(spans)), len(flushes))
    problems += wal.shape(spans) + _links(spans)
    expect(not problems, "\n".join(problems))


@case.case
def redis_aof_everysec(c):
    """Nobody waits for the sync: it is a trace of its own."""
    spans, size, sets = _run(c, "everysec")
    index = otlp.Index(spans)
    problems = wal.same("SET spans", len(_served(spans)), sets)
    problems += wal.same("bytes", wal.total(_of_main(spans), "wal.bytes"), size)
    problems += wal.same("bytes synced", wal.total(wal.syncs(spans), "wal.bytes"), size)
    problems += [f"{f}: durable without a sync" for f in _of_main(spans)
                 if f.attributes.get("wal.durable")]
    problems += [f"{s}: somebody's who waits" for s in wal.syncs(spans)
                 if index.parent(s) in _of_main(spans)]
    expect(not problems, "\n".join(problems + _links(spans)))
