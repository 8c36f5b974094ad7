#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commits to a SQLite database: sqlite_load.py FOLDER THREADS WRITES SYNC [MODE] [ROWS]

With SQLITE_MODULE in the environment, by that module instead of Python's own.
SYNC 1: synchronous = full, 0: normal. MODE: journal_mode (wal). Each thread has its own
connection. At last a query of ROWS rows, if any. Prints what was done as JSON."""
import importlib
import json
import os
import sys
import threading
import time

sqlite3 = importlib.import_module(os.environ.get("SQLITE_MODULE", "sqlite3"))


def connect(path, sync, mode):
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute(f"pragma journal_mode = {mode}")
    db.execute(f"pragma synchronous = {'full' if sync else 'normal'}")
    return db


def write(path, sync, mode, name, writes, failed):
    db = connect(path, sync, mode)
    for i in range(writes):
        try:
            db.execute("insert into t(name, n) values (?, ?)", (name, i))
        except sqlite3.OperationalError as error:
            failed.append(str(error))
    db.close()


def read(db, rows):
    numbers = "with recursive c(x) as (select 1 union all select x + 1 from c where x < ?)"
    begin = time.perf_counter()
    n = len(db.execute(f"{numbers} select x from c", (rows,)).fetchall())
    return n, time.perf_counter() - begin


def main():
    folder, threads, writes, sync = sys.argv[1], *map(int, sys.argv[2:5])
    mode = sys.argv[5] if len(sys.argv) > 5 else "wal"
    rows = int(sys.argv[6]) if len(sys.argv) > 6 else 0
    path = os.path.join(folder, "load.db")
    db = connect(path, sync, mode)
    db.execute("create table if not exists t(id integer primary key, name text, n int)")
    failed = []
    workers = [
        threading.Thread(target=write, args=(path, sync, mode, f"t{i}", writes, failed))
        for i in range(threads)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    commits = db.execute("select count(*) from t").fetchone()[0]
    n, seconds = read(db, rows) if rows else (0, 0.0)
    print(json.dumps({"commits": commits, "failed": len(failed), "rows": n,
                      "read_us_per_row": round(seconds / n * 1e6, 3) if n else None}))


main()
