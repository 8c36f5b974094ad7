# SPDX-License-Identifier: Apache-2.0
"""Orders in FastAPI: fastapi_orders.py PORT DB_PORT psycopg|sqlalchemy+asyncpg|
sqlalchemy+psycopg."""
import asyncio
import sys

import fastapi
import uvicorn

PORT, DB_PORT, DRIVER = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
WHERE = f"postgres@127.0.0.1:{DB_PORT}/bench"
app = fastapi.FastAPI()


class SqlAlchemy:
    def __init__(self, driver):
        from sqlalchemy import text
        from sqlalchemy.ext.asyncio import create_async_engine
        self._text = text
        self._engine = create_async_engine(f"postgresql+{driver}://{WHERE}", pool_size=16)

    async def commit(self, sql):
        async with self._engine.begin() as connection:
            await connection.execute(self._text(sql))


class Psycopg:
    def __init__(self):
        self._idle = []

    async def commit(self, sql):
        import psycopg
        connection = self._idle.pop() if self._idle else \
            await psycopg.AsyncConnection.connect(f"postgresql://{WHERE}")
        await connection.execute(sql)
        await connection.commit()
        self._idle.append(connection)


through, _, driver = DRIVER.rpartition("+")
database = SqlAlchemy(driver) if through else Psycopg()


@app.post("/orders/{number}")
async def order(number: int):
    await asyncio.sleep(0)
    await database.commit(f"insert into orders select 1 as order{number}")
    return fastapi.Response("leaf\n")


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
