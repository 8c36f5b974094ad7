# SPDX-License-Identifier: Apache-2.0
"""SQLite, LevelDB and RocksDB in a program of ours, which says how often it committed."""
import json

from weft_harness import case, otlp, pins, procs, programs, wal
from weft_harness.report import expect

FOLDER = procs.repo_root() / "tests" / "live" / "storage"
WRITERS = 4
WRITES = 60  # of each


def load(c, argv, *more):
    """Runs the load under an agent that knows its library: (its spans, what it printed)."""
    with c.agent() as tracer:
        _meet(c, tracer, [*argv, _folder(c, "meet"), 1, 1, 1, *more])
        proc = c.group.start([*argv, _folder(c, "load"), WRITERS, WRITES, 1, *more], name="load")
        expect(proc.wait(60) == 0, procs.tail(proc))
    said = json.loads(proc.log_path.read_text(encoding="ascii"))
    expect(said["commits"] == WRITERS * WRITES and not said["failed"], f"the load: {said}")
    return [s for s in tracer.spans() if s.pid == proc.pid]


def _folder(c, name):
    folder = c.group.work / f"{name}.data"
    folder.mkdir()
    return folder


def _meet(c, tracer, argv):
    """A library is probed once it has been seen: tries until a call to it is told."""
    def told():
        proc = c.group.start(argv, name="meet")
        proc.wait(60)
        return procs.wait_until(lambda: any(s.pid == proc.pid and _by_call(s)
                                            for s in tracer.spans()), 2)
    expect(procs.wait_until(told, 20), "the library is never probed")


def _by_call(span):
    return "db.query.text" in span.attributes or "wal.flush.role" in span.attributes


def _key_value(c, name):
    """Writers that sync queue up: one leads, and syncs for all."""
    binary = programs.build_cpp(FOLDER / f"{name}_load.cpp", c.group.work / name, name)
    spans = load(c, [binary])
    flushes = wal.flushes(spans)
    leaders = wal.flushes(spans, role="leader")
    followers = wal.flushes(spans, role="follower")
    committed = len(leaders) + len(followers)
    problems = wal.same("leaders and followers", committed, WRITERS * WRITES)
    # Closing a database may sync once more, for nobody.
    problems += wal.same("syncs", len(wal.syncs(spans)), len(flushes) - len(followers))
    problems += wal.same("db.system.name", {s.attributes.get("db.system.name") for s in flushes},
                         {name})
    if not followers:
        problems.append("no group commit: the load is not what it should be")
    problems += wal.shape(spans) + wal.links(spans)
    expect(not problems, "\n".join(problems))


@case.case
def leveldb(c):
    _key_value(c, "leveldb")


@case.case
def rocksdb(c):
    _key_value(c, "rocksdb")


def _sqlite(c, *mode):
    """Every insert commits, and is durable before it returns."""
    spans = load(c, [procs.python(), "-B", FOLDER / "sqlite_load.py"], *mode)
    inserts = {s.span_id: s for s in spans if s.attributes.get("db.system.name") == "sqlite" and
               s.attributes.get("db.query.text", "").startswith("insert into t")}
    durable = {s.parent_id for s in wal.flushes(spans) if s.attributes.get("wal.durable")}
    problems = wal.same("inserts", len(inserts), WRITERS * WRITES)
    problems += [f"{s} {s.name}: no durable flush in it" for i, s in inserts.items()
                 if i not in durable]
    failed = [s for s in inserts.values() if s.status == otlp.ERROR]
    problems += [f"{s} {s.name}: failed, and none did" for s in failed]
    # A locked database makes wait who prepares a statement, too.
    problems += wal.shape([s for s in spans if s.name != "wal.wait" or s.parent_id])
    expect(not problems, "\n".join(problems))


@case.case
def sqlite_wal(c):
    _sqlite(c, "wal")


@case.case
def sqlite_rollback(c):
    _sqlite(c, "delete")


@case.case
def sqlite_built_in(c):
    """An SQLite of its own inside an extension, as most wheels have."""
    packages = pins.python("pysqlite3-binary")
    _by_files(c, [procs.python(), "-B", FOLDER / "sqlite_load.py", _folder(c, "load"), 1, WRITES,
                  1, "wal"], {"SQLITE_MODULE": "pysqlite3", "PYTHONPATH": str(packages)})


@case.case
def sqlite_in_go(c):
    """The same inside a Go program."""
    binary = pins.go(FOLDER / "sqlite_load.go", c.group.work / "sqlite_load",
                     "github.com/mattn/go-sqlite3")
    _by_files(c, [binary, _folder(c, "load"), WRITES])


def _by_files(c, argv, env=None):
    """No symbol to probe, so the files alone tell."""
    with c.agent() as tracer:
        proc = c.group.start(argv, name="load", env=env)
        expect(proc.wait(60) == 0, procs.tail(proc))
    spans = [s for s in tracer.spans() if s.pid == proc.pid]
    flushes = [f for f in wal.flushes(spans) if f.attributes.get("wal.durable")]
    problems = wal.same("syncs", len(wal.syncs(spans)), len(flushes))
    if not WRITES <= len(flushes) <= WRITES + 5:  # beside: the table, and opening and closing
        problems.append(f"{len(flushes)} durable flushes for {WRITES} commits")
    problems += [f"{s} {s.name}: a statement nobody can see" for s in spans if _by_call(s)]
    expect(not problems, "\n".join(problems + wal.shape(spans)))
