#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One live HTTP chain on one hook type, on whatever kernel this runs.

guest_chain.py --hooks R [--weft PATH] [--requests N] [--threads N] [--json]

Starts caller → A → B (weft_chain) and the agent with --hooks R, sends the requests,
stops the agent by SIGTERM and checks every span and parent. Exit code: 0 right, 1 wrong, 77
the kernel does not offer the hook type (the agent says so itself). With --json the last line of
the output is {"type", "loads", "attaches", "chain", "detail"}.
"""
import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support" / "py"))
from weft_chain import check, run  # noqa: E402
from weft_harness import agent, procs, report  # noqa: E402

HOOK_TYPES = ("fentry", "tracepoint", "kprobe", "syscall")
CHAINS = ("tcp send", "tcp receive")
PATIENCE = 240  # seconds: emulation on a busy host is slow, and no result may depend on it


class Outcome:
    """How far the hook type came. None: not reached."""

    def __init__(self, hook_type):
        self.hooks = hook_type
        self.loads = self.attaches = self.chain = None
        self.detail = []

    def exit_code(self):
        if self.loads is False and self.attaches is None and self.detail:
            return report.SKIPPED
        return 0 if self.chain else 1

    def as_json(self):
        return json.dumps(vars(self))


def doctor_problems(weft, hook_type):
    """What `weft doctor --hooks R --json` says: the forced hook type for every hook with a fallback chain."""
    code, out, err = agent.run_weft(weft, "doctor", "--json", "--hooks", hook_type, timeout=PATIENCE)
    if code != 0:
        return [f"doctor: exit {code}: {err.strip()[:300]}"]
    hooks = {hook["hook"]: hook["type"] for hook in json.loads(out)["hooks"]}
    return [f"doctor: {hook} by {hooks.get(hook)}, expected {hook_type}"
            for hook in CHAINS if hooks.get(hook) != hook_type]


def trace_chain(outcome, options, group):
    port = run.start_services(group)
    exporter = f"otlp_file:path={group.work}/agent.jsonl,schedule_delay=200"
    weft = agent.Agent(group, options.weft, ["--hooks", options.hooks], exporter)
    try:
        weft.start(timeout=PATIENCE)
    except agent.AgentError as error:
        outcome.loads = error.code != agent.KERNEL_REFUSED
        outcome.attaches = False if outcome.loads else None
        outcome.detail.append(str(error))
        return
    outcome.loads = outcome.attaches = True
    if run.send_requests(port, options.requests, options.threads) != 0:
        outcome.detail.append("the caller got a wrong answer")
    weft.wait_spans(run.enough(options.requests), timeout=PATIENCE)
    code = weft.stop()
    if code != 0:
        outcome.detail.append(f"the agent's exit code is {code}: {procs.tail(weft.proc)}")
    outcome.detail += check.problems(weft.spans(), options.requests)
    outcome.detail += doctor_problems(options.weft, options.hooks)
    outcome.chain = not outcome.detail


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hooks", choices=HOOK_TYPES, required=True)
    parser.add_argument("--weft", default=str(agent.default_weft()))
    parser.add_argument("--requests", type=int, default=24)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    options = parse_options()
    report.need_root()
    report.need_agent(options.weft)
    outcome = Outcome(options.hooks)
    with procs.Group("weft-chain") as group:
        trace_chain(outcome, options, group)
    word = {0: "PASS", 1: "FAIL", report.SKIPPED: "SKIP"}[outcome.exit_code()]
    # The reason stands behind the subject: of a test's output the summary shows that line.
    print(f"{word} chain on {options.hooks}", "; ".join(outcome.detail[:10]), sep=": ", flush=True)
    if options.json:
        print(outcome.as_json(), flush=True)
    return outcome.exit_code()


if __name__ == "__main__":
    sys.exit(main())
