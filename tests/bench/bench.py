#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the agent costs: load on real servers with and without it, in interleaved pairs.

Figures are medians of the pairs' ratios with their spread; single runs on a shared machine
vary by a quarter. The agent runs on the same cores, exporter null.
"""
import json
import os
import pathlib
import platform
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support" / "py"), str(HERE)]
from weft_harness import cli, instructions, procs, report  # noqa: E402
import figures  # noqa: E402
import kernel  # noqa: E402
import measure  # noqa: E402
import scenarios  # noqa: E402
import tables  # noqa: E402

MOST_FOREIGN = 0.25  # cores, before a run counts as disturbed; a kernel's threads are foreign too


def machine():
    """One line: processor, cores, memory, kernel."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 30)
    return f"{model}, {os.cpu_count()} cores, {memory} GiB, Linux {platform.release()}"


def quietly(run, load_of, attempts):
    """What the run returns; while other programs use the machine, it is repeated."""
    for _ in range(attempts):
        result = run()
        foreign = load_of(result).foreign
        if foreign <= MOST_FOREIGN:
            break
        print(f"  other programs took {foreign:.2f} cores", flush=True)
    return result


def ways_to_trace(group, server, args):
    """{field of measure.Round: a run of it}, but for the one without tracing."""
    flags = cli.agent_flags(args)

    def traced(weft):
        return quietly(lambda: measure.drive_traced(group, weft, server, args.seconds, flags),
                       lambda result: result[0], args.attempts)

    ways = {"traced": lambda: traced(args.weft)}
    if args.baseline:
        ways["baseline"] = lambda: traced(args.baseline)
    if sdk := getattr(server, "sdk", None):
        ways["sdk"] = lambda: plain(sdk, args)
    return ways


def plain(server, args):
    return quietly(lambda: measure.drive(server, args.seconds), lambda load: load,
                   args.attempts)


def run_rounds(group, server, args):
    """[measure.Round], each between two runs without tracing, the ways to trace taking turns."""
    ways = ways_to_trace(group, server, args)
    rounds = []
    before = plain(server, args)
    for number in range(args.pairs):
        names = list(ways) if number % 2 == 0 else list(reversed(ways))
        runs = {name: ways[name]() for name in names}
        after = plain(server, args)
        rounds.append(measure.Round(measure.between(before, after), **runs))
        print(f"  round {number + 1}/{args.pairs}: {rounds[-1]}", flush=True)
        before = after
    return rounds


def warm(server):
    """Caches, and what compiles at run time."""
    for each in (server, getattr(server, "sdk", None)):
        if each:
            measure.drive(each, 1)


def first_spans(group, server, args):
    flags = cli.agent_flags(args)
    return [measure.first_span(group, args.weft, server, flags) for _ in range(min(3, args.pairs))]


def run_scenario(name, args, trap):
    with procs.Group("weft-bench") as group:
        server = scenarios.TABLE[name](group)
        print(f"{name}: {args.pairs} pairs of {args.seconds} s", flush=True)
        warm(server)
        first = [] if name in scenarios.SPANLESS else first_spans(group, server, args)
        rounds = run_rounds(group, server, args)
        entry = figures.of(rounds, first)
        if name in scenarios.SPANLESS:
            entry |= figures.of_spanless(rounds)
        if args.baseline:
            entry |= figures.against_baseline(rounds)
        if hasattr(server, "sdk"):
            entry |= figures.against_sdk(rounds, server.sdk.spans_per_request())
        if name in scenarios.STORAGE:
            cost = measure.kernel_cost(group, args.weft, server, args.seconds,
                                       cli.agent_flags(args))
            entry |= figures.of_storage(entry) | kernel.figures(cost, trap)
        return entry


def trap_cost(names):
    """kernel.trap(), where a scenario needs it."""
    if not scenarios.STORAGE.keys() & set(names):
        return None
    with procs.Group("weft-bench") as group:
        try:
            return kernel.trap(group)
        except (RuntimeError, report.Skip) as reason:
            print(f"no cost of traps: {reason}")
            return None


def instructions_per_span(weft):
    try:
        return instructions.per_span(weft)
    except report.Skip as reason:
        print(f"no instructions per span: {reason}")
        return None


def main():
    parser = cli.parser(__doc__)
    parser.add_argument("scenario", nargs="*", help="of: " + " ".join(scenarios.TABLE))
    parser.add_argument("--json", metavar="FILE", help="write the figures here")
    parser.add_argument("--markdown", metavar="FILE", type=pathlib.Path,
                        help="write them here as tables for docs/performance.md")
    parser.add_argument("--baseline", metavar="WEFT", type=pathlib.Path,
                        help="another build of the agent, measured in the same rounds")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2, help="of load per run")
    parser.add_argument("--attempts", type=int, default=3,
                        help="at a run, until other programs leave it alone")
    args = parser.parse_args()
    unknown = set(args.scenario) - set(scenarios.TABLE)
    if unknown:
        parser.error(f"unknown scenario {', '.join(sorted(unknown))}")
    report.need_root()
    report.need_agent(args.weft)
    if args.baseline:
        report.need_agent(args.baseline)
    names = args.scenario or list(scenarios.TABLE)
    trap = trap_cost(names)
    results = {}
    failed = False
    for name in names:
        try:
            results[name] = run_scenario(name, args, trap)
        except report.Skip as reason:
            print(f"SKIP {name}: {reason}")
        except (RuntimeError, subprocess.SubprocessError) as error:
            print(f"FAIL {name}: {error}")
            failed = True
    print(figures.table(results))
    if args.json:
        out = {"machine": machine(), "uprobe_us": trap, "scenarios": results,
               "instructions_per_span": instructions_per_span(args.weft)}
        pathlib.Path(args.json).write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    if args.markdown:
        args.markdown.write_text(tables.markdown(results) + "\n", encoding="utf-8")
    return 1 if failed else 0 if results else report.SKIPPED


if __name__ == "__main__":
    sys.exit(main())
