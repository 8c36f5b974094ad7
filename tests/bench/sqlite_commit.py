#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commits to a SQLite database, WAL and synchronous = full: sqlite_commit.py FILE

For each line of its input, a number of seconds and a rate a second (0: as fast as it can), commits
that long, at least once, and prints {"commit_us": [one each], "seconds": what it took}, of which
at a rate waiting is a part."""
import json
import sqlite3
import sys
import time


def commit_for(db, seconds, rate):
    """µs of each commit, and the seconds of all."""
    took = []
    end = begin = time.perf_counter()
    while not took or end < begin + seconds:
        if rate:
            time.sleep(max(0, begin + len(took) / rate - end))
        at = time.perf_counter()
        db.execute("insert into t(name, n) values (?, ?)", ("commit", len(took)))
        end = time.perf_counter()
        took.append(round((end - at) * 1e6, 1))
    return took, end - begin


def main():
    db = sqlite3.connect(sys.argv[1], isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("create table t(id integer primary key, name text, n int)")
    for line in sys.stdin:
        took, seconds = commit_for(db, *map(float, line.split()))
        print(json.dumps({"commit_us": took, "seconds": seconds}), flush=True)


main()
