# SPDX-License-Identifier: Apache-2.0
"""Real database servers of a test's own, and what they say about themselves."""
import dataclasses
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

from . import procs, programs
from .report import Skip

# Nothing but clients writes WAL: no vacuum, checkpoint, standby snapshot or statistics.
_QUIET = {"autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "4GB",
          "wal_level": "minimal", "max_wal_senders": "0", "wal_writer_delay": "10s",
          "bgwriter_lru_maxpages": "0", "track_wal_io_timing": "on",
          "shared_preload_libraries": "pg_stat_statements", "listen_addresses": "127.0.0.1"}
_WAL_COLUMNS = ("wal_records", "wal_bytes", "wal_buffers_full", "wal_write", "wal_sync",
                "wal_sync_time")


@dataclasses.dataclass
class Postgres:
    """A running cluster of its own, superuser postgres, no password."""
    proc: object
    port: int
    folder: pathlib.Path  # data/ and the Unix socket
    programs: pathlib.Path

    def pids(self):
        return {self.proc.pid, *procs.children(self.proc.pid)}

    def is_mine(self, span):
        """Of a process of this cluster; one that has ended counts too."""
        return self.proc.pid in (span.pid, span.resource.get("process.parent_pid"))

    def program(self, name):
        return str(self.programs / name)

    def is_ready(self):
        argv = [self.program("pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        return subprocess.run(argv, check=False).returncode == 0

    def connection(self, database="postgres"):
        return {"host": "127.0.0.1", "port": self.port, "user": "postgres", "dbname": database}

    def query(self, sql, database="postgres"):
        """Rows as tuples of text."""
        argv = [self.program("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                "-h", self.folder, "-p", self.port, "-U", "postgres", "-d", database, "-c", sql]
        done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=60,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()[-400:]}")
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def pgbench(self, *options, database="bench"):
        """What pgbench says of its work."""
        argv = [self.program("pgbench"), *options, "-h", "127.0.0.1", "-p", self.port, "-U",
                "postgres", database]
        return _said(argv)

    def settle(self):
        """Waits until no client is left: a backend reports its statistics as it ends. Until 14
        it sends them to a process that writes them down twice a second."""
        alone = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
        procs.wait_until(lambda: self.query(alone) == [("1",)], 10, 0.05)
        if int(self.query("show server_version_num")[0][0]) < 150000:
            time.sleep(1.5)

    def calm(self, *names):
        """Leaves nothing behind that a later reader would tidy up, which is WAL."""
        for database in (*names, "postgres"):
            self.query("vacuum", database)
        self.query("checkpoint")
        self.settle()

    def stat_wal(self):
        """pg_stat_wal, and the position flushed to ("lsn", bytes), once clients are gone."""
        self.settle()
        columns = ", ".join(_WAL_COLUMNS)
        row = self.query(f"select {columns}, pg_current_wal_flush_lsn() - '0/0' from pg_stat_wal")
        return dict(zip((*_WAL_COLUMNS, "lsn"), map(float, row[0])))

    def statements(self, database):
        """Statements the server has executed in a database, by its own count."""
        row = self.query("select coalesce(sum(calls), 0) from pg_stat_statements s join "
                         f"pg_database d on d.oid = s.dbid where datname = '{database}'")
        return int(row[0][0])


def postgres(group, version=15, settings=None, programs_at=None, clients_at=None, wrap=()):
    """Starts a cluster. settings: of postgresql.conf. wrap: argv to start the server under.
    clients_at: folder of psql and the like, if they are not with the server."""
    home = pathlib.Path(programs_at or f"/usr/lib/postgresql/{version}/bin")
    if not os.access(home / "initdb", os.X_OK):
        raise Skip(f"postgresql-{version} is not installed")
    folder = folder_for_postgres(group)
    run_initdb([*_as_user("postgres"), home / "initdb"], folder / "data", folder)
    port = procs.free_port()
    argv = [*wrap, *_as_user("postgres"), home / "postgres", "-D", folder / "data", "-p", port,
            "-k", folder, *quiet_settings(settings)]
    proc = group.start(argv, name="postgres", cwd=folder, end=signal.SIGINT)
    return ready(Postgres(proc, port, folder, pathlib.Path(clients_at or home)))


def installed_clients():
    """Folder of the distribution's psql, pgbench and the like, for a server from elsewhere."""
    folder = pathlib.Path("/usr/lib/postgresql/15/bin")
    if not os.access(folder / "pgbench", os.X_OK):
        raise Skip("postgresql-15, whose clients are used, is not installed")
    return folder


def folder_for_postgres(group):
    folder = group.work / "postgres"
    folder.mkdir()
    shutil.chown(folder, "postgres", "postgres")
    return folder


def quiet_settings(settings=None):
    """Words of an argv."""
    words = []
    for name, value in {**_QUIET, **(settings or {})}.items():
        words += ["-c", f"{name}={value}"]
    return words


def ready(server):
    """The server, once it answers."""
    if not procs.wait_until(server.is_ready, 15, 0.05):
        raise RuntimeError(f"PostgreSQL does not start: {procs.tail(server.proc)}")
    server.query("create extension pg_stat_statements")
    return server


def run_initdb(initdb, data, folder):
    done = subprocess.run([*initdb, "-A", "trust", "-N", "-E", "UTF8", "--locale=C", "-D", data],
                          cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"initdb: {done.stderr.strip()[-400:]}")


def _as_user(name):
    """Prefix of an argv that must not run as root; the same process, still bound to its parent."""
    pwd.getpwnam(name)
    return [programs.need("setpriv"), f"--reuid={name}", f"--regid={name}", "--clear-groups",
            "--pdeathsig=INT"]


@dataclasses.dataclass
class Redis:
    """A running server of its own, no password."""
    proc: object
    port: int

    def pids(self):
        return {self.proc.pid}

    def command(self, *words):
        argv = [programs.need("redis-cli"), "-p", self.port, *words]
        return subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=30,
                              check=True).stdout

    def benchmark(self, *options):
        """What redis-benchmark says of its work."""
        return _said([programs.need("redis-benchmark"), "-p", self.port, *options])

    def info(self, section):
        """INFO as a dict of text; commandstats and the like keep their value whole."""
        lines = self.command("info", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)


def redis(group, **conf):
    """Starts a server; conf: of redis.conf, with _ for -."""
    port = procs.free_port()
    argv = [programs.need("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "",
            "--dir", group.work]
    for name, value in conf.items():
        argv += [f"--{name.replace('_', '-')}", value]
    proc = group.start(argv, name="redis")
    group.wait_port(port, proc)
    return Redis(proc, port)


def _said(argv):
    """What a load says on its standard output."""
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=60,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout
