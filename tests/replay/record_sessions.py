#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the recordings of single protocols anew: one client and one server each, several exchanges
on one connection, recorded on both sides and redacted. The sweep over lost records reads them.

Needs root. Afterwards: UPDATE_GOLDEN=1 replay_test.py --weft … to renew the golden files."""
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support" / "py"))
from weft_harness import agent, cli, databases, procs, programs  # noqa: E402

CLIENT = HERE / "session_clients.py"


def http(group):
    port = procs.free_port()
    server = group.start([procs.python(), "-B", CLIENT, "serve", port], name="server")
    group.wait_port(port, server)
    return server.pid, ["http", port]


def redis(group):
    server = databases.redis(group)
    return server.proc.pid, ["redis", server.port]


def memcached(group):
    port = procs.free_port()
    argv = [programs.need("memcached"), "-u", "nobody", "-l", "127.0.0.1", "-p", port, "-U", "0"]
    server = group.start(argv, name="memcached")
    group.wait_port(port, server)
    return server.pid, ["memcached", port]


def _postgresql(group, driver):
    server = databases.postgres(group)
    server.query("create table notes (id int, text text)")
    return server.proc.pid, [driver, server.port]


def postgresql_simple(group):
    return _postgresql(group, "psycopg2")


def postgresql_extended(group):
    return _postgresql(group, "asyncpg")


def postgresql_pipeline(group):
    return _postgresql(group, "pipeline")


def record(args, make):
    with procs.Group(folder="/srv/sessions") as group:  # the recording names it
        pid, words = make(group)
        program = group.work / "notes"  # the interpreter by a name of its own
        shutil.copy(procs.python(), program)
        flags = ["--exe", program, "--pid", pid]
        with agent.Recording(group, args.weft, flags, HERE / f"{make.__name__}.weft"):
            proc = group.start([program, "-B", CLIENT, *words], name="client")
            if proc.wait(30) != 0:
                raise RuntimeError(procs.tail(proc))


def main():
    args = cli.parser(__doc__).parse_args()
    for make in (http, redis, memcached, postgresql_simple, postgresql_extended, postgresql_pipeline):
        record(args, make)


if __name__ == "__main__":
    main()
