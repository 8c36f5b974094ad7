# SPDX-License-Identifier: Apache-2.0
"""The fixed script of requests; every request has a path of its own."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Step:
    method: str
    kind: str  # last segment of the path: what the server answers
    status: int
    body: str = ""


STEPS = (
    Step("GET", "ok", 200),
    Step("POST", "echo", 200, body='{"item": "book", "count": 3}'),
    Step("HEAD", "ok", 200),
    Step("GET", "missing", 404),
    Step("GET", "chunked", 200),
    Step("GET", "fail", 500),
    Step("GET", "large", 200),
    Step("POST", "echo", 200, body="0123456789abcdef" * 4096),
    Step("GET", "ok", 200),
)


@dataclasses.dataclass(frozen=True)
class Request:
    """A step aimed at a server."""
    method: str
    path: str
    status: int
    body: str
    url: str


def requests_for(tag, port, overrides):
    """The script under /tag; overrides: kind → status where a server differs."""
    found = []
    for number, step in enumerate(STEPS):
        path = f"/{tag}/{number}/{step.kind}"
        found.append(Request(step.method, path, overrides.get(step.kind, step.status), step.body,
                             f"http://127.0.0.1:{port}{path}"))
    return found
