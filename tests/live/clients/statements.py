# SPDX-License-Identifier: Apache-2.0
"""statements.py DRIVER DB_PORT DATABASE: the statements of driver_round_trips.py."""
import asyncio
import sys

ROUNDS = 4


def _dbapi(connection):
    """psycopg2 and psycopg 3."""
    with connection.cursor() as cursor:
        for number in range(ROUNDS):
            cursor.execute("insert into notes values (%s, %s)", (number, "one"))
            cursor.execute("update notes set text = %s where id = %s", ("two", number))
            cursor.execute("select text from notes where id = %s", (number,))
            cursor.fetchall()
            cursor.execute("select count(*) from notes")
            connection.commit()
        cursor.execute("delete from notes")
        connection.rollback()


def psycopg2(dsn):
    import psycopg2 as driver
    _dbapi(driver.connect(dsn))


def psycopg(dsn):
    """The same statement is prepared by the driver once it has been executed often enough."""
    import psycopg as driver
    connection = driver.connect(dsn, prepare_threshold=2)
    _dbapi(connection)


async def _asyncpg(dsn, **options):
    import asyncpg as driver
    words = dict(word.split("=") for word in dsn.split())
    connection = await driver.connect(host=words["host"], port=words["port"], user=words["user"],
                                      database=words["dbname"], ssl=False, **options)
    for number in range(ROUNDS):
        await connection.execute("insert into notes values ($1, $2)", number, "one")
        async with connection.transaction():
            await connection.execute("update notes set text = $1 where id = $2", "two", number)
            await connection.fetch("select text from notes where id = $1", number)
        await connection.fetchval("select count(*) from notes")
    await connection.executemany("insert into notes values ($1, $2)", [(7, "a"), (8, "b")])
    await connection.close()


def asyncpg(dsn):
    asyncio.run(_asyncpg(dsn))


def asyncpg_uncached(dsn):
    """Statements without a name, as behind a pooler."""
    asyncio.run(_asyncpg(dsn, statement_cache_size=0))


if __name__ == "__main__":
    globals()[sys.argv[1]](f"host=127.0.0.1 port={sys.argv[2]} user=postgres dbname={sys.argv[3]}")
