# SPDX-License-Identifier: Apache-2.0
"""A hop of the chain on asyncio with aiohttp: aio.py PORT [NEXT_PORT|-] [POLL_PORT].

With a POLL_PORT it also asks that service /poll/N every 50 ms, on behalf of no request.
"""
import asyncio
import itertools
import random
import sys

import aiohttp
from aiohttp import web

PORT, NEXT, POLL = (sys.argv[1:] + ["-", "-"])[:3]


async def poll(session):
    for number in itertools.count():
        async with session.get(f"http://127.0.0.1:{POLL}/poll/{number}") as answer:
            await answer.read()
        await asyncio.sleep(0.05)


async def hop(request):
    if NEXT == "-":
        return web.Response(text="leaf\n")
    await asyncio.sleep(random.random() * 0.003)
    url = f"http://127.0.0.1:{NEXT}{request.path}"
    async with request.app["session"].get(url) as answer:
        body = await answer.text()
    await asyncio.sleep(random.random() * 0.003)
    return web.Response(text=body)


async def lifetime(app):
    async with aiohttp.ClientSession() as session:
        app["session"] = session
        poller = asyncio.create_task(poll(session)) if POLL != "-" else None
        yield
        if poller:
            poller.cancel()


app = web.Application()
app.router.add_get("/{path:.*}", hop)
app.cleanup_ctx.append(lifetime)
web.run_app(app, host="127.0.0.1", port=int(PORT), print=None)
