# SPDX-License-Identifier: Apache-2.0
"""Bad input: a one-line error and an exit code of its own."""
import contextlib
import os
import re
import subprocess
import time

from weft_harness import agent, case, otlp, procs, report
from weft_harness.case import expect


def _expect_refusal(code, wanted, stderr, *words):
    lines = [line for line in stderr.strip().splitlines() if line]
    expect(code == wanted, f"exit code {code}, not {wanted}: {' | '.join(lines[:4])}")
    expect(len(lines) == 1, f"{len(lines)} lines instead of one: {' | '.join(lines[:4])}")
    for word in words:
        expect(word in lines[0], f"the message does not name {word!r}: {lines[0]}")


def _alone(weft, *args):
    """Waits its turn where another agent happens to trace the host."""
    for _ in range(60):
        result = agent.run_weft(weft, *args)
        if result[0] != agent.ALREADY_RUNNING:
            break
        time.sleep(1)
    return result


@case.case
def two_agents_at_once(c):
    """The second says so and exits 9; the first goes on."""
    with c.agent() as first:
        code, _, stderr = agent.run_weft(c.weft, "run", "--exporter", "null", "--admin",
                                         f"127.0.0.1:{procs.free_port()}")
        _expect_refusal(code, 9, stderr)
        expect(first.get("/healthz")[0] == 200, "the first agent is not well any more")


@case.case
def unknown_flag(c):
    code, _, stderr = agent.run_weft(c.weft, "run", "--no-such-flag")
    _expect_refusal(code, 2, stderr, "no-such-flag")


@case.case
def pid_that_does_not_exist(c):
    with open("/proc/sys/kernel/pid_max", encoding="ascii") as f:
        pid = int(f.read()) - 1
    while os.path.exists(f"/proc/{pid}"):
        pid -= 1
    code, _, stderr = _alone(c.weft, "attach", pid, "--exporter", "null")
    _expect_refusal(code, 8, stderr, str(pid))


@case.case
def malformed_configuration(c):
    file = c.group.work / "bad.yaml"
    file.write_text("file_format: \"1.0\"\ntracer_provider:\n  processors: 12\n")
    code, _, stderr = agent.run_weft(c.weft, "config", "check", file)
    _expect_refusal(code, 4, stderr, "processors")


@case.case
def not_root(c):
    """Without privileges: exit 5 and what to do."""
    nobody = c.group.work / "weft"
    nobody.write_bytes(open(c.weft, "rb").read())
    nobody.chmod(0o755)
    done = subprocess.run([nobody, "run", "--exporter", "null", "--admin",
                           f"127.0.0.1:{procs.free_port()}"], capture_output=True, text=True,
                          timeout=20, check=False, user=65534, group=65534, extra_groups=[],
                          cwd="/")
    _expect_refusal(done.returncode, 5, done.stderr)


@case.case
def admin_port_taken(c):
    """Another program has the port: exit 13."""
    listener, _ = c.server()
    port = listener.getsockname()[1]
    code, _, stderr = _alone(c.weft, "run", "--exporter", "null", "--admin", f"127.0.0.1:{port}")
    _expect_refusal(code, 13, stderr, str(port))


@case.case
def status_without_an_agent(c):
    code, _, stderr = agent.run_weft(c.weft, "status", "--admin", f"127.0.0.1:{procs.free_port()}")
    _expect_refusal(code, 12, stderr)


@contextlib.contextmanager
def _small_disk(c):
    folder = c.group.work / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "weft-test", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise report.Skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def _expect_counted(c, exporter, problem, written):
    """200 requests, seen from both ends, to an exporter that cannot deliver: answered all the
    same, every span written or counted, the problem in the status and on standard error."""
    listener, _ = c.server()
    tracer = c.agent()
    tracer.flags += ["--port", str(listener.getsockname()[1])]
    tracer.exporter = exporter
    with tracer:
        c.client(case.ask_all(listener, [f"/{n}" for n in range(200)]))

        def refused():
            return problem in tracer.status()["exporters"][0]["last_error"]
        expect(procs.wait_until(refused, 10), f"the status says {tracer.status()['exporters']}")
    said = procs.tail(tracer.proc)
    expect(problem in said, f"standard error does not name the problem: {said}")
    closing = re.search(r"(\d+) spans delivered; lost: (\d+) not delivered before the end", said)
    expect(closing, f"no closing count: {said}")
    delivered, lost = map(int, closing.groups())
    expect((delivered, delivered + lost) == (written(), 400), f"counted {closing.group(0)!r}")


@case.case
def full_disk(c):
    with _small_disk(c) as disk:
        out = disk / "spans.jsonl"
        _expect_counted(c, f"otlp_file:path={out},schedule_delay=100,max_export_batch_size=16",
                        "No space left", lambda: len(otlp.SpanLog(out).read()))


@case.case
def unreachable_endpoint(c):
    endpoint = f"http://127.0.0.1:{procs.free_port()}/v1/traces"
    _expect_counted(c, f"otlp_http:endpoint={endpoint},schedule_delay=100,timeout=1000",
                    "onnect", lambda: 0)
