# SPDX-License-Identifier: Apache-2.0
"""A FastAPI application for uvicorn: asgi_app:app."""
import fastapi
import routes
from starlette.responses import Response, StreamingResponse

app = fastapi.FastAPI()


@app.api_route("/{_:path}", methods=["GET", "HEAD", "POST"])
async def serve(request: fastapi.Request):
    status, content = routes.answer(request.url.path, await request.body())
    if isinstance(content, list):
        return StreamingResponse(iter(content), status, media_type="text/plain")
    return Response(content, status, media_type="text/plain")
