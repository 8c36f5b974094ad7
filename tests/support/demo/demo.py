#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demo: ordinary services, the agent beside them, their requests as traces.

  demo.py          the four scenes, then traffic at a gentle pace until Ctrl-C
  demo.py --once   the four scenes; exits 0 if the first one's trace is whole, from curl
                   down to fdatasync, 3 after a replay, else 1
"""
import itertools
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "py"))
from weft_harness import agent, cli, procs, report  # noqa: E402
import services  # noqa: E402

SHOWN_AS_REPLAY = 3
RECORDING = procs.repo_root() / "tests" / "replay" / "demo.weft"
VISITS = (("POST", "/orders?book=1"), ("GET", "/orders"), ("POST", "/orders?book=2"))
TOGETHER = 16


def say(text):
    print(text, flush=True)


class Console(agent.Agent):
    """The agent with its console on our terminal, and a file beside it to verify by."""

    def launch(self):
        self.admin_port = procs.free_port()
        argv = [self.weft, "run", "--exporter", "console", "--exporter", self.exporter,
                "--admin", f"127.0.0.1:{self.admin_port}", *self.flags]
        self.proc = self.group.start(argv, name=self.name, stdout=sys.stdout)


def replay(args, reason):
    """Shows the shipped trace instead of a live one."""
    say(f"No live demo: {reason}.")
    if not os.access(args.recording, os.R_OK):
        say(f"No recording at {args.recording} either.")
        return 1
    say("A REPLAY of a recorded request follows; nothing on this machine was traced.\n")
    done = subprocess.run([args.weft, "replay", args.recording, "--exporter", "console"],
                          check=False)
    if done.returncode != 0:
        say(f"The replay failed with exit code {done.returncode}.")
        return 1
    return SHOWN_AS_REPLAY if args.once else 0


class Scenes:
    """Each sends something, waits for its trace, and says what there is to see."""

    def __init__(self, tracer, running):
        self._tracer = tracer
        self._running = running
        self._count = 0

    def _tag(self):
        self._count += 1
        return f"visit={os.getpid()}.{self._count}"

    def _spans(self, tag, complete):
        def mine(spans):
            return services.trace_of(spans, tag)
        found = mine(self._tracer.wait_spans(lambda spans: complete(mine(spans)), timeout=10))
        time.sleep(0.3)  # lets the console finish its tree
        return found

    def _post(self, tag):
        path = f"/orders?book=1&{tag}"
        status, _ = self._running.curl("POST", path)
        say(f"$ curl -X POST {self._running.url(path)}   → {status}")

    def order(self):
        """One order, from curl down to the disk; what is wrong with its trace."""
        say("\n1. An order: what takes the time?")
        tag = self._tag()
        self._post(tag)
        return services.shape_problems(
            self._spans(tag, lambda spans: not services.shape_problems(spans)))

    def slow_disk(self):
        say("\n2. The same, while another program keeps the disk busy.")
        tag = self._tag()
        with self._running.busy_disk():
            self._post(tag)
        spans = self._spans(tag, lambda spans: not services.shape_problems(spans))
        for span in spans:
            if span.name == "wal.sync":
                say(f"fdatasync took {services.milliseconds(span):.1f} ms.")

    def group_commit(self):
        say(f"\n3. {TOGETHER} orders at once on that disk: one flush serves several commits.")
        tag = self._tag()
        with self._running.busy_disk():
            self._running.at_once(TOGETHER, f"/orders?book=2&{tag}")
        spans = self._spans(tag, lambda spans: sum(s.name == "wal.flush" for s in spans) >=
                            TOGETHER)
        syncs = sum(span.name == "wal.sync" for span in spans)
        say(f"{TOGETHER} commits, {syncs} times fdatasync; {len(services.waits(spans))} times one "
            "waited for another's, and links to it.")

    def many_queries(self):
        say("\n4. The list of orders: how many queries is one page?")
        tag = self._tag()
        path = f"/orders?{tag}"
        status, _ = self._running.curl("GET", path)
        say(f"$ curl {self._running.url(path)}   → {status}")
        spans = self._spans(tag, lambda spans: len(services.queries(spans)) >= 6)
        say(f"{len(services.queries(spans))} SELECTs for one page of 5: N+1.")


def tell(tracer, running):
    """Runs the scenes; returns the exit code."""
    scenes = Scenes(tracer, running)
    problems = scenes.order()
    scenes.slow_disk()
    scenes.group_commit()
    scenes.many_queries()
    if problems:
        say("The first trace is not complete: " + "; ".join(problems))
        return 1
    say("\ncurl → nginx → shop → PostgreSQL → WAL flush → fdatasync, each in one trace. Nothing "
        "was changed in any of them.")
    return 0


def show_until_interrupted(tracer, running):
    say("A request a second now; Ctrl-C ends the demo.\n")
    try:
        for number, (method, path) in enumerate(itertools.cycle(VISITS)):
            if tracer.proc.poll() is not None:
                say(f"The agent ended: {procs.tail(tracer.proc)}")
                return 1
            status, _ = running.curl(method, path)
            say(f"$ curl -X {method} {running.url(path)}   → {status}   (request {number + 1})")
            time.sleep(1.0)
    except KeyboardInterrupt:
        say("\nStopping.")
    return 0


def refusal(args):
    """Why this kernel, or this user, cannot trace; None when it can."""
    code, _, stderr = agent.run_weft(args.weft, "doctor")
    if code not in agent.REFUSALS:
        return None
    lines = stderr.strip().splitlines()
    return lines[-1].removeprefix("weft: ") if lines else f"weft doctor ends with {code}"


def live(group, args):
    say("Starting the services: nginx, shop (Flask, psycopg2), PostgreSQL …")
    running = services.Services(group)
    targets = ["--exe", "*/curl"]
    for pid in running.pids():
        targets += ["--pid", pid]
    tracer = Console(group, args.weft, [*cli.agent_flags(args), *targets])
    tracer.start()
    try:
        say(f"Attached after {tracer.ready_after:.2f} s.\n")
        code = tell(tracer, running)
        code = code if args.once or code else show_until_interrupted(tracer, running)
    finally:
        tracer.stop()  # before the services: the console has the last word
    tracer.check()
    return code


def main():
    parser = cli.parser(__doc__)
    parser.add_argument("--once", action="store_true", help="one trace, then exit")
    parser.add_argument("--recording", default=str(RECORDING), help="shown where BPF is refused")
    parser.add_argument("--replay", action="store_true", help="show the recording only")
    args = parser.parse_args()
    if not os.access(args.weft, os.X_OK):
        say(f"No agent at {args.weft}: build it first (./dev build).")
        return 1
    if args.replay:
        return replay(args, "a replay was asked for")
    try:
        if reason := refusal(args):
            return replay(args, reason)
        with procs.Group("weft-demo") as group:
            return live(group, args)
    except KeyboardInterrupt:
        return 130
    except (report.Skip, report.Failure, agent.AgentError, RuntimeError) as error:
        say(f"The demo failed: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
