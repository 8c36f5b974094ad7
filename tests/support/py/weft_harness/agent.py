# SPDX-License-Identifier: Apache-2.0
"""The agent under test: start, wait until attached, read its spans, stop."""
import http.client
import json
import pathlib
import signal
import subprocess
import time

from . import invariants, otlp, procs, report

NOT_ATTACHED = -1  # no exit code: it was given up
ALREADY_RUNNING = 9  # exit code; another test may hold the host for a moment
PERMISSION, NO_BTF, KERNEL_REFUSED = 5, 6, 7
REFUSALS = (PERMISSION, NO_BTF, KERNEL_REFUSED)  # the kernel does not let us: not a bug


def default_weft():
    return procs.repo_root() / "build" / "release" / "weft"


class AgentError(RuntimeError):
    """The agent ended instead of attaching."""

    def __init__(self, code, message):
        super().__init__(f"agent exited {code}: {message}")
        self.code = code


class Agent:
    """One running agent. Use as a context manager; leaving it stops, flushes and checks what
    holds of any run's spans. except_for: {check: why this run cannot pass it}. budget: of the
    flag; None: the agent's default. Off, because a test wants every span, whatever that costs."""

    def __init__(self, group, weft, flags=(), exporter=None, name="agent", except_for=None,
                 env=None, budget="off"):
        self.group = group
        self.weft = pathlib.Path(weft)
        self.name = name
        self.out = group.work / f"{name}.jsonl"
        self.exporter = exporter or (f"otlp_file:path={self.out},schedule_delay=100,max_bytes=0,"
                                     "max_queue_size=65536,max_export_batch_size=4096")
        self.flags = [*flags, *(["--budget", budget] if budget else [])]
        self.except_for = except_for or {}
        self.env = env
        self.admin_port = 0
        self.proc = None
        self.ready_after = None  # seconds from exec to /healthz 200
        self.log = otlp.SpanLog(self.out)

    def __enter__(self):
        return self.start()

    def __exit__(self, error, *_):
        self.stop()
        if error is None:
            self.check()

    def check(self):
        """Fails on what cannot be of any run's spans; call when the agent has stopped."""
        problems = invariants.problems(self.spans(), self.except_for)
        if problems:
            more = f"\n… and {len(problems) - 8} more" if len(problems) > 8 else ""
            raise report.Failure("\n".join(problems[:8]) + more)

    @property
    def pid(self):
        return self.proc.pid

    def start(self, timeout=20.0, patience=120.0):
        """Starts and waits until attached; waits its turn while another agent runs."""
        give_up = time.monotonic() + patience
        while True:
            self.launch()
            code = self._wait_ready(timeout)
            if code is None:
                return self
            if code == NOT_ATTACHED:
                raise AgentError(code, f"not attached within {timeout:.0f} s: {procs.tail(self.proc)}")
            if code != ALREADY_RUNNING or time.monotonic() > give_up:
                raise AgentError(code, procs.tail(self.proc))
            time.sleep(1.0)

    def launch(self):
        """Starts without waiting; start() is what tests want."""
        self.admin_port = procs.free_port()
        argv = [self.weft, "run", "--exporter", self.exporter,
                "--admin", f"127.0.0.1:{self.admin_port}", *self.flags]
        self.launched_at = time.time()
        self.proc = self.group.start(argv, name=self.name, env=self.env)

    def _wait_ready(self, timeout):
        """None when attached, else the exit code (NOT_ATTACHED: neither in time)."""
        begin = time.monotonic()
        while time.monotonic() - begin < timeout:
            if self.proc.poll() is not None:
                return self.proc.returncode
            if procs.is_listening(self.admin_port) and self.get("/healthz")[0] == 200:
                self.ready_after = time.monotonic() - begin
                return None
            time.sleep(0.01)
        self.group.stop(self.proc, signal.SIGKILL)
        return NOT_ATTACHED

    def get(self, path):
        """(status, body) of the admin endpoint; (0, reason) when it does not answer."""
        conn = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        try:
            conn.request("GET", path)
            response = conn.getresponse()
            return response.status, response.read().decode(errors="replace")
        except OSError as error:
            return 0, str(error)
        finally:
            conn.close()

    def status(self):
        """`weft status --json` as a dict."""
        done = subprocess.run([self.weft, "status", "--json", "--admin",
                               f"127.0.0.1:{self.admin_port}"], capture_output=True, text=True,
                              timeout=10, check=False)
        if done.returncode != 0:
            raise AgentError(done.returncode, done.stderr.strip())
        return json.loads(done.stdout)

    def counter(self, name):
        """Of `weft status`, over all its labels."""
        return sum(row["value"] for row in self.status()["counters"] if row["name"] == name)

    def spans(self):
        return self.log.read()

    def wait_spans(self, enough, timeout=10.0):
        """Waits until enough(spans) is truthy; returns the spans either way."""
        procs.wait_until(lambda: enough(self.spans()), timeout, interval=0.05)
        return self.spans()

    def stop(self, settle=0.3):
        """SIGTERM after a moment for the last events; returns the exit code."""
        if self.proc is None:
            return None
        if self.proc.poll() is None and settle:
            time.sleep(settle)
        code = self.group.stop(self.proc, timeout=15.0)
        self.spans()
        return code

    def kill(self):
        return self.group.stop(self.proc, signal.SIGKILL)


def run_weft(weft, *args, timeout=30):
    """One finished command of the agent: (exit code, stdout, stderr)."""
    done = subprocess.run([str(weft), *map(str, args)], capture_output=True, text=True,
                          timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr


class Recording(Agent):
    """`weft record FILE` instead of `weft run`."""

    def __init__(self, group, weft, flags, file):
        super().__init__(group, weft, flags)
        self.file = file

    def launch(self):
        self.admin_port = procs.free_port()
        argv = [self.weft, "record", self.file, "--exporter", self.exporter,
                "--admin", f"127.0.0.1:{self.admin_port}", *self.flags]
        self.proc = self.group.start(argv, name=self.name)
