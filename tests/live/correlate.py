#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that no span ever gets a wrong parent.

Every request carries its own id in its URL through front → middle → back. Prints right,
wrong and orphan requests per runtime and concurrency; fails on any wrong parent, on a missing
or double span, on a server span without its client, and, where the thread is the task
(threads) or requests come one by one (nginx), on any orphan.
"""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support" / "py"))
from weft_harness import agent, chains, cli, otlp, parent_links, procs, report  # noqa: E402

REQUESTS = {1: 200, 50: 1000}  # by concurrency
# java is not here: its server hands kept connections from a selector thread to the pool.
NO_ORPHANS = {("threads", 1), ("threads", 50), ("nginx", 1)}


def run(group, args, runtime, chain, concurrency):
    """One load under a fresh agent; returns (tally, problems of the load itself)."""
    paths = [f"/c/{runtime}-{concurrency}-{n}" for n in range(REQUESTS[concurrency])]
    tracer = agent.Agent(group, args.weft, cli.agent_flags(args), name=f"agent-{concurrency}")
    with tracer:
        failures = chains.send_load(chain.port, paths, concurrency)
        hops = chain.pids()
    index = otlp.Index(tracer.spans())
    if args.dump:
        print("\n".join(otlp.tree(index.spans)))
    tally = parent_links.check_chain(index, paths, os.getpid(), hops)
    if chain.polled:
        parent_links.check_polls(index, tally, hops[0])
    return tally, failures


def problems_of(runtime, concurrency, tally, failures):
    problems = [f"load: {f}" for f in failures[:3]] + tally.examples[:5] + tally.problems[:5]
    if tally.wrong and not problems:
        problems.append(f"{tally.wrong} wrong parents")
    if tally.unjoined:
        problems.append(f"{tally.unjoined} server spans have no parent although their client "
                        "is on this host")
    if tally.orphan and (runtime, concurrency) in NO_ORPHANS:
        problems.append(f"{tally.orphan} orphans where the thread is the task")
    return problems


def run_runtime(out, args, runtime):
    rows = []
    with procs.Group("weft-correlate") as group:
        try:
            chain = chains.TABLE[runtime](group)
        except report.Skip as reason:
            out.skips(runtime, reason)
            return rows
        for concurrency in args.concurrency or REQUESTS:
            tally, failures = run(group, args, runtime, chain, concurrency)
            note = f"right {tally.right}  wrong {tally.wrong}  orphan {tally.orphan}"
            print(f"{runtime:14} concurrency {concurrency:3}  requests {tally.requests:5}  {note}")
            out.result(f"{runtime} at {concurrency}",
                        problems_of(runtime, concurrency, tally, failures), note)
            rows.append({"runtime": runtime, "concurrency": concurrency, "injection": False,
                         "requests": tally.requests, "right": tally.right, "wrong": tally.wrong,
                         "orphan": tally.orphan})
    return rows


def main():
    parser = cli.parser(__doc__)
    parser.add_argument("runtime", nargs="*", metavar="RUNTIME",
                        help="of: " + " ".join(chains.TABLE))
    parser.add_argument("--json", metavar="FILE", help="write the figures here")
    parser.add_argument("--concurrency", type=int, action="append", choices=sorted(REQUESTS))
    parser.add_argument("--dump", action="store_true", help="print every span seen")
    parser.add_argument("--list", action="store_true", help="print the runtimes' names")
    args = parser.parse_args()
    if args.list:
        print("\n".join(chains.TABLE))
        return 0
    unknown = set(args.runtime) - set(chains.TABLE)
    if unknown:
        parser.error(f"unknown runtime {', '.join(sorted(unknown))}")
    report.need_root()
    report.need_agent(args.weft)
    out = report.Report()
    rows = []
    for runtime in args.runtime or chains.TABLE:
        try:
            rows += run_runtime(out, args, runtime)
        except (agent.AgentError, report.Failure, RuntimeError) as error:
            out.fails(runtime, str(error))
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps({"runs": rows}, indent=1) + "\n",
                                           encoding="utf-8")
    return out.exit_code()


if __name__ == "__main__":
    sys.exit(main())
