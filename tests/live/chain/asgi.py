# SPDX-License-Identifier: Apache-2.0
"""A hop of the chain on uvicorn and FastAPI with httpx: asgi.py PORT NEXT_PORT."""
import asyncio
import random
import sys

import fastapi
import httpx
import uvicorn
from starlette.responses import PlainTextResponse

app = fastapi.FastAPI()
client = httpx.AsyncClient(timeout=20)


@app.get("/{path:path}")
async def hop(path: str):
    await asyncio.sleep(random.random() * 0.003)
    answer = await client.get(f"http://127.0.0.1:{sys.argv[2]}/{path}")
    return PlainTextResponse(answer.text)


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
