# SPDX-License-Identifier: Apache-2.0
"""tagged.py MODE PORT CLIENTS COUNT: transactions that say in their text which they are.

Prints a JSON line for each stretch of time in which one connection commits: its backend's
pid, the Unix ns around it, and for each commit in turn the words of which one is in the text
of the statement that commits. The words are column names: comments and literals are hidden.
"""
import asyncio
import contextlib
import io
import itertools
import json
import sys
import threading
import time

_numbers = itertools.count(1)
_BATCH = 4  # statements in a pipeline


def tag():
    return f"tag{next(_numbers)}"


def insert(name, value="1"):
    return f"insert into tagged select {value} as {name} /* {name} */"


@contextlib.contextmanager
def told(pid, *commits):
    """commits: of each the words, any of which will do."""
    begin = time.time_ns()
    yield
    line = json.dumps({"pid": pid, "begin": begin, "end": time.time_ns(), "commits": commits})
    sys.stdout.write(line + "\n")  # print() would let other threads in before the newline


def connect2(dsn):
    import psycopg2
    return psycopg2.connect(dsn)


def psycopg2_autocommit(dsn, count):
    connection = connect2(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    for _ in range(count):
        name = tag()
        with told(connection.info.backend_pid, [name]):
            cursor.execute(insert(name))


def psycopg2_explicit(dsn, count):
    connection = connect2(dsn)
    cursor = connection.cursor()
    for _ in range(count):
        cursor.execute(insert(tag()))
        cursor.execute(insert(tag()))
        with told(connection.info.backend_pid, ["commit"]):
            connection.commit()


def psycopg2_several(dsn, count):
    """One message of several statements."""
    connection = connect2(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    for _ in range(count):
        name = tag()
        with told(connection.info.backend_pid, [name, "commit"]):
            cursor.execute(f"begin; {insert(name)}; commit")


def psycopg2_copy(dsn, count):
    connection = connect2(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    for _ in range(count):
        with told(connection.info.backend_pid, ["copy"]):
            cursor.copy_expert("copy tagged from stdin", io.StringIO("1\n2\n3\n"))


def connect3(dsn):
    import psycopg
    return psycopg.connect(dsn, autocommit=True)


def psycopg_prepared(dsn, count):
    """A statement of its own for every second commit, one prepared for the others."""
    connection = connect3(dsn)
    kept = tag()
    for number in range(count):
        name = kept if number % 2 else tag()
        with told(connection.info.backend_pid, [name]):
            connection.execute(insert(name, "%s::int"), (number,), prepare=True)


def psycopg_pipeline(dsn, count):
    """Statements sent all at once, before any answer is read; each commits."""
    connection = connect3(dsn)
    pq = connection.pgconn
    pid = connection.info.backend_pid
    pq.enter_pipeline_mode()
    for _ in range(count // _BATCH):
        names = [tag() for _ in range(_BATCH)]
        with told(pid, *[[n] for n in names]):
            for name in names:
                pq.send_query_params(insert(name, "$1::int").encode(), [b"1"])
                pq.pipeline_sync()
            _await_syncs(pq)


def _await_syncs(pq):
    from psycopg import pq as constants
    left = _BATCH
    while left:
        result = pq.get_result()
        left -= result is not None and result.status == constants.ExecStatus.PIPELINE_SYNC


def psycopg_batch(dsn, count):
    """Statements without waiting for answers; all commit together."""
    connection = connect3(dsn)
    for _ in range(count // _BATCH):
        names = [tag() for _ in range(_BATCH)]
        with told(connection.info.backend_pid, names), connection.pipeline():
            for name in names:
                connection.execute(insert(name, "%s::int"), (1,))


async def asyncpg_autocommit(dsn, count):
    import asyncpg
    connection = await asyncpg.connect(dsn)
    for number in range(count):
        name = tag()
        with told(connection.get_server_pid(), [name]):
            await connection.execute(insert(name, "$1::int"), number)


async def asyncpg_explicit(dsn, count):
    import asyncpg
    connection = await asyncpg.connect(dsn)
    for number in range(count):
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(insert(tag(), "$1::int"), number)
        with told(connection.get_server_pid(), ["commit"]):
            await transaction.commit()


async def _all(work, dsn, clients, count):
    await asyncio.gather(*[work(dsn, count) for _ in range(clients)])


def main():
    mode, port, clients, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    dsn = f"postgresql://postgres@127.0.0.1:{port}/bench"
    work = globals()[mode]
    if asyncio.iscoroutinefunction(work):
        asyncio.run(_all(work, dsn, clients, count))
        return
    threads = [threading.Thread(target=work, args=(dsn, count)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
