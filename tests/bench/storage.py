# SPDX-License-Identifier: Apache-2.0
"""Databases under the load generators of their own, on a real disk; everything is traced,
servers and clients."""
import csv
import dataclasses
import json
import pathlib
import re
import subprocess

from weft_harness import databases, procs
from measure import Load, quantile
import paced
from worker import Worker

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = ("-c", 8, "-j", 2)  # of pgbench
SCALE = 5
FIRST_RATE = 20000  # of redis-benchmark a second, until it is known

# A server as it comes, without what would only make one run differ from the next.
_AS_INSTALLED = {"shared_preload_libraries": "", "track_wal_io_timing": "off",
                 "wal_level": "replica", "max_wal_senders": "10", "wal_writer_delay": "200ms",
                 "bgwriter_lru_maxpages": "100"}


@dataclasses.dataclass
class Postgres:
    server: databases.Postgres
    logs: pathlib.Path  # prefix of pgbench's
    options: tuple

    def pids(self):
        return self.server.pids()

    def targets(self):
        return []

    def prepare(self):
        """Every run finds the log and the pages as the one before did."""
        self.server.query("checkpoint")

    def load(self, seconds, *pace):
        text = self.server.pgbench(*CLIENTS, *self.options, *pace, "-T", seconds, "-l",
                                   "--log-prefix", self.logs)
        done, failed, rate = (float(re.search(pattern, text)[1]) for pattern in (
            r"actually processed: (\d+)", r"failed transactions: (\d+)", r"tps = ([\d.]+)"))
        return Load(int(done), done / rate, self._p99_us(), int(failed))

    def paced(self, seconds, rate):
        return self.load(seconds, "-R", rate)

    def _p99_us(self):
        """From pgbench's logs, of which nothing stays."""
        latencies = []
        for log in self.logs.parent.glob(f"{self.logs.name}.*"):
            latencies += [int(line.split()[2]) for line in log.read_text("ascii").splitlines()]
            log.unlink()
        return quantile(latencies, 0.99)

    def touch(self):
        self.server.query("select 1")


def _postgres(group, *options):
    server = databases.postgres(group, settings=_AS_INSTALLED)
    server.query("create database bench")
    server.pgbench("-i", "-s", SCALE, "-q")
    return Postgres(server, group.work / "transactions", options)


def pg_tpcb(group):
    return _postgres(group, "-M", "simple")


def pg_readonly(group):
    return _postgres(group, "-M", "simple", "-S")


@dataclasses.dataclass
class Redis:
    group: object
    server: databases.Redis
    kind: str  # of redis-benchmark's tests
    rate: float = None  # requests/s of the first run, which give the number of the others'

    def pids(self):
        return self.server.pids()

    def targets(self):
        return []

    def prepare(self):
        """Nothing is left of the run before but the log, which only grows."""

    def load(self, seconds):
        count = int((self.rate or FIRST_RATE) * seconds)
        text = self.server.benchmark("-t", self.kind, "-P", 1, "-c", 50, "-n", count, "--csv")
        row = list(csv.DictReader(text.splitlines()))[-1]
        rate = float(row["rps"])
        self.rate = self.rate or rate
        return Load(count, count / rate, 1e3 * float(row["p99_latency_ms"]), 0)

    def paced(self, seconds, rate):
        words = ["SET", "paced", "1"] if self.kind == "set" else ["GET", "paced"]
        request = f"*{len(words)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in words)
        return paced.requests(self.group, self.server.port, 50, request, rate, seconds)

    def touch(self):
        self.server.command(self.kind, "touched", *(["1"] if self.kind == "set" else []))


def redis_set_everysec(group):
    return Redis(group, databases.redis(group, appendonly="yes", appendfsync="everysec",
                                        auto_aof_rewrite_percentage="0"), "set")


def redis_get(group):
    return Redis(group, databases.redis(group), "get")


class Sqlite(Worker):
    """A process that commits when told to; its database stays open. SQLite checkpoints by
    itself every thousand pages."""

    def load(self, seconds):
        return self.paced(seconds, 0)

    def paced(self, seconds, rate):
        said = json.loads(self.ask(seconds, rate))
        return Load(len(said["commit_us"]), said["seconds"], quantile(said["commit_us"], 0.99), 0)

    def touch(self):
        self.load(0)


def sqlite_commit(group):
    proc = group.start([procs.python(), "-B", HERE / "sqlite_commit.py", group.work / "bench.db"],
                       name="sqlite", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return Sqlite(proc)
