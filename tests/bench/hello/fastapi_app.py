# SPDX-License-Identifier: Apache-2.0
"""The smallest FastAPI server, for uvicorn: fastapi_app:app."""
import fastapi

app = fastapi.FastAPI()


@app.get("/")
async def hello():
    return {"hello": "world"}
