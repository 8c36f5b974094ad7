# SPDX-License-Identifier: Apache-2.0
"""The table of real clients: each sends the script and tells what it got back."""
import hashlib
import json
import signal
import subprocess
import time

from . import procs, programs

APPS = procs.repo_root() / "tests" / "live" / "clients"
_TIMEOUT = 60


def _script(argv, requests):
    """Runs a client that takes the script as JSON on stdin."""
    steps = [{"method": r.method, "url": r.url, "body": r.body} for r in requests]
    done = subprocess.run([str(a) for a in argv], input=json.dumps(steps), capture_output=True,
                          text=True, timeout=_TIMEOUT, cwd=APPS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]}: {done.stderr.strip()[-400:]}")
    return json.loads(done.stdout)


def _python(library):
    def run(group, requests, mode):
        programs.need_module(library)
        return _script([procs.python(), "py_client.py", library, mode], requests)
    return run


def curl(group, requests, mode):
    """keep: one curl for the whole script. close: one a request, for curl would try a
    connection again that the server closed without announcing it."""
    if mode == "keep":
        _run_curl(group, requests, [])
        return [_curl_outcome(group.work / f"curl-{n}", r) for n, r in enumerate(requests)]
    outcomes = []
    for request in requests:
        _run_curl(group, [request], ["-H", "Connection: close"])
        outcomes.append(_curl_outcome(group.work / "curl-0", request))
    return outcomes


def _run_curl(group, requests, options):
    argv = [programs.need("curl"), "--fail-early"]
    for number, request in enumerate(requests):
        stem = group.work / f"curl-{number}"
        argv += ["--next"] if number else []
        argv += ["-sS", "--max-time", "20", "-D", f"{stem}.head", "-o", f"{stem}.body", request.url]
        argv += ["-I"] if request.method == "HEAD" else ["-X", request.method]
        argv += ["--data-binary", request.body, "-H", "Expect:"] if request.body else []
        argv += options
    done = subprocess.run(argv, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"curl: {done.stderr.strip()}")


def _curl_outcome(stem, request):
    lines = stem.with_suffix(".head").read_text(encoding="latin-1").splitlines()
    body = b"" if request.method == "HEAD" else stem.with_suffix(".body").read_bytes()
    headers = [line.split(": ", 1) for line in lines[1:] if ": " in line]
    for file in (stem.with_suffix(".head"), stem.with_suffix(".body")):
        file.unlink()
    return {"status": int(lines[0].split()[1]), "size": len(body),
            "headers": [[k.lower(), v] for k, v in headers],
            "sha": hashlib.sha256(body).hexdigest()}


def node_fetch(group, requests, mode):
    return _script([programs.need("node"), "node.mjs", mode], requests)


def go_http(group, requests, mode):
    binary = group.work / "go_client"
    if not binary.exists():
        programs.build_go(APPS / "client.go", binary)
    return _script([binary, mode], requests)


TABLE = {"curl": curl, "requests": _python("requests"), "urllib3": _python("urllib3"),
         "httpx": _python("httpx"), "aiohttp": _python("aiohttp"), "node_fetch": node_fetch,
         "go_http": go_http}

# Headers that differ from one answer to the next for reasons of the server's own.
VOLATILE = {"date", "last-modified", "etag", "age", "keep-alive"}


def comparable(outcome):
    """An answer without what differs between any two runs."""
    return {**outcome, "headers": sorted(h for h in outcome["headers"] if h[0] not in VOLATILE)}


def wrk(port, prefix, count, connections):
    """Load of `count` answered requests at prefix/N/ok; returns (answered, errors)."""
    argv = [programs.need("wrk"), "-t1", f"-c{connections}", "-d20", "-s", APPS / "wrk.lua",
            f"http://127.0.0.1:{port}", "--", prefix, count]
    with subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        said = _until_enough(process)
    words = [line.split() for line in said if line.startswith("answered ")]
    if process.returncode != 0 or not words:
        raise RuntimeError(f"wrk: {''.join(said)[-600:]}")
    return int(words[0][1]), int(words[0][3])


def _until_enough(process):
    """What wrk says; it is woken from its sleep once it has its answers."""
    said = []
    for line in process.stdout:
        said.append(line)
        if line == "enough\n":
            time.sleep(1)  # what is under way is answered: nothing is served to a client that is gone
            process.send_signal(signal.SIGINT)
    return said
