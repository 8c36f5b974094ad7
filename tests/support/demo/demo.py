#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demo: ordinary services, the agent beside them, their requests as traces.

  demo.py          traffic at a gentle pace until Ctrl-C
  demo.py --once   exits 0 after one complete live trace, 3 after a replay, else 1
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
PATHS = ("/books/1", "/books/2", "/books/1", "/books/9", "/books/2", "/books/3")


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


def one_request(tracer, running, path, nonce):
    """Sends one curl and waits for its trace; returns what is wrong with it."""
    tag = f"visit={nonce}"
    path = f"{path}?{tag}"
    status, body = running.get(path)
    say(f"$ curl {running.url(path)}   → {status} {body.strip()}")

    def mine(spans):
        traces = {s.trace_id for s in spans if tag in s.attributes.get("url.full", "")
                  or tag == s.attributes.get("url.query", "")}
        return [s for s in spans if s.trace_id in traces]

    def complete(spans):
        return not services.shape_problems(mine(spans))

    return services.shape_problems(mine(tracer.wait_spans(complete, timeout=10)))


def show_once(tracer, running):
    problems = one_request(tracer, running, "/books/1", os.getpid())
    time.sleep(0.3)  # lets the console finish its tree
    if problems:
        say("The trace is not complete: " + "; ".join(problems))
        return 1
    say("\nOne request, six spans, one trace: curl → nginx → shop → stock. Nothing was changed "
        "in any of them.")
    return 0


def show_until_interrupted(tracer, running):
    say("A request a second now; Ctrl-C ends the demo.\n")
    try:
        for number, path in enumerate(itertools.cycle(PATHS)):
            if tracer.proc.poll() is not None:
                say(f"The agent ended: {procs.tail(tracer.proc)}")
                return 1
            status, _ = running.get(path)
            say(f"$ curl {running.url(path)}   → {status}   (request {number + 1})")
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
    say("Starting the services: nginx, shop (Flask), stock (http.server) …")
    running = services.Services(group)
    targets = ["--exe", "*/curl"]
    for proc in (running.nginx, running.shop, running.stock):
        targets += ["--pid", proc.pid]
    tracer = Console(group, args.weft, [*cli.agent_flags(args), *targets])
    tracer.start()
    try:
        say(f"Attached after {tracer.ready_after:.2f} s.\n")
        return show_once(tracer, running) if args.once else show_until_interrupted(tracer, running)
    finally:
        tracer.stop()  # before the services: the console has the last word


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
    except (report.Skip, agent.AgentError, RuntimeError) as error:
        say(f"The demo failed: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
