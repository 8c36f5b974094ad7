# SPDX-License-Identifier: Apache-2.0
"""Sends a script of requests with one Python library: py_client.py LIBRARY keep|close.

stdin: JSON list of {method, url, body}; stdout: JSON list of {status, headers, size, sha}.
"""
import asyncio
import hashlib
import json
import sys


def outcome(status, headers, body):
    return {"status": status, "headers": [[k.lower(), v] for k, v in headers],
            "size": len(body), "sha": hashlib.sha256(body).hexdigest()}


# A server may close without saying so in its answer (http.server does); a pool would then
# send the next request into the closed connection. So `close` uses a pool a request.
def with_requests(steps, close):
    import requests
    session = requests.Session()
    results = []
    for step in steps:
        if close:
            session = requests.Session()
            session.headers["Connection"] = "close"
        r = session.request(step["method"], step["url"], data=step["body"] or None,
                            allow_redirects=False, timeout=20)
        results.append(outcome(r.status_code, r.headers.items(), r.content))
    return results


def with_urllib3(steps, close):
    import urllib3
    pool = urllib3.PoolManager(maxsize=1)
    results = []
    for step in steps:
        if close:
            pool = urllib3.PoolManager(headers={"Connection": "close"})
        r = pool.request(step["method"], step["url"], body=step["body"] or None,
                         retries=False, timeout=20)
        results.append(outcome(r.status, r.headers.items(), r.data))
    return results


async def with_httpx(steps, close):
    import httpx
    headers = {"Connection": "close"} if close else {}
    limits = httpx.Limits(max_keepalive_connections=0) if close else httpx.Limits()
    results = []
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=20) as client:
        for step in steps:
            r = await client.request(step["method"], step["url"], content=step["body"] or None)
            results.append(outcome(r.status_code, r.headers.multi_items(), r.content))
    return results


async def with_aiohttp(steps, close):
    import aiohttp
    results = []
    connector = aiohttp.TCPConnector(force_close=close)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        for step in steps:
            async with session.request(step["method"], step["url"], data=step["body"] or None) as r:
                results.append(outcome(r.status, r.headers.items(), await r.read()))
    return results


def main():
    library, mode = sys.argv[1:3]
    steps = json.load(sys.stdin)
    for step in steps:
        step["body"] = step["body"].encode()
    run = {"requests": with_requests, "urllib3": with_urllib3, "httpx": with_httpx,
           "aiohttp": with_aiohttp}[library]
    results = run(steps, mode == "close")
    if asyncio.iscoroutine(results):
        results = asyncio.run(results)
    json.dump(results, sys.stdout)


main()
