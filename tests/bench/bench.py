#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the agent costs: wrk on real servers with and without it, in interleaved pairs.

Figures are medians of the pairs' ratios with their spread; single runs on a shared machine
vary by a quarter. The agent runs on the same cores, exporter null, tracing the server only.
"""
import json
import os
import pathlib
import platform
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support" / "py"), str(HERE)]
from weft_harness import agent, cli, procs, report  # noqa: E402
import measure  # noqa: E402
import scenarios  # noqa: E402

MB = 1 << 20


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


def run_pairs(group, server, args):
    """[(without, with, cost of the agent)], the order within a pair alternating."""
    flags = cli.agent_flags(args)
    pairs = []
    for number in range(args.pairs):
        if number % 2:
            traced, cost = measure.drive_traced(group, args.weft, server, args.seconds, flags)
            plain = measure.drive(server, args.seconds)
        else:
            plain = measure.drive(server, args.seconds)
            traced, cost = measure.drive_traced(group, args.weft, server, args.seconds, flags)
        pairs.append((plain, traced, cost))
        print(f"  pair {number + 1}/{args.pairs}: {plain.requests / plain.seconds:,.0f} → "
              f"{traced.requests / traced.seconds:,.0f} requests/s, {cost.spans} spans, "
              f"agent {cost.cpu:.2f} s", flush=True)
    return pairs


def per_request(load):
    return load.server_cpu / load.requests


def figures(pairs, first_spans):
    """The scenario's entry of the JSON file."""
    cpu = [per_request(traced) / per_request(plain) for plain, traced, _ in pairs]
    kept = [(traced.requests / traced.seconds) / (plain.requests / plain.seconds)
            for plain, traced, _ in pairs]
    p99 = [traced.p99_us - plain.p99_us for plain, traced, _ in pairs]
    agent_us = [1e6 * cost.cpu / traced.requests for _, traced, cost in pairs]
    losses = {}
    for _, _, cost in pairs:
        for cause, count in cost.losses.items():
            losses[cause] = losses.get(cause, 0) + count
    return {
        "server_cpu_ratio": measure.median(cpu), "server_cpu_ratio_spread": measure.spread(cpu),
        "throughput_kept": measure.median(kept), "throughput_kept_spread": measure.spread(kept),
        "p99_added_us": measure.median(p99, 0), "p99_added_us_spread": measure.spread(p99),
        "agent_us_per_req": measure.median(agent_us),
        "agent_us_per_req_spread": measure.spread(agent_us),
        "agent_rss_mb": round(max(cost.rss for _, _, cost in pairs) / MB, 1),
        "kernel_mem_mb": round(max(cost.maps for _, _, cost in pairs) / MB, 1),
        "first_span_s": measure.median(first_spans),
        "first_span_s_spread": measure.spread(first_spans),
        "dropped": sum(losses.values()), "dropped_by_cause": losses,
        "spans": sum(cost.spans for _, _, cost in pairs),
        "requests": sum(traced.requests for _, traced, _ in pairs),
        "errors": sum(plain.errors + traced.errors for plain, traced, _ in pairs),
        "server_cpu_us_per_req": measure.median([1e6 * per_request(p) for p, _, _ in pairs], 2),
        "pairs": len(pairs),
    }


def run_scenario(name, args):
    with procs.Group("weft-bench") as group:
        server = scenarios.TABLE[name](group)
        print(f"{name}: {args.pairs} pairs of {args.seconds} s", flush=True)
        measure.drive(server, 1)  # warm caches
        flags = cli.agent_flags(args)
        first = [measure.first_span(group, args.weft, server, flags) for _ in range(3)]
        return figures(run_pairs(group, server, args), first)


def table(results):
    """Text for a person."""
    rows = [("server CPU per request", "server_cpu_ratio", "×"),
            ("throughput kept", "throughput_kept", "×"), ("p99 added", "p99_added_us", "µs"),
            ("agent CPU per request", "agent_us_per_req", "µs"),
            ("agent memory", "agent_rss_mb", "MB"), ("kernel memory", "kernel_mem_mb", "MB"),
            ("start → first span", "first_span_s", "s"), ("dropped", "dropped", ""),
            ("spans", "spans", ""), ("requests", "requests", "")]
    lines = []
    for name, entry in results.items():
        lines.append(f"\n{name} ({entry['pairs']} pairs, median [least, most])")
        for label, key, unit in rows:
            spread = entry.get(f"{key}_spread")
            lines.append(f"  {label:24}{entry[key]:>12} {unit:3}" +
                         (f" [{spread[0]}, {spread[1]}]" if spread else ""))
        if entry["dropped_by_cause"]:
            lines.append(f"  dropped by cause        {entry['dropped_by_cause']}")
    return "\n".join(lines)


def main():
    parser = cli.parser(__doc__)
    parser.add_argument("scenario", nargs="*", help="of: " + " ".join(scenarios.TABLE))
    parser.add_argument("--json", metavar="FILE", help="write the figures here")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4, help="of load per run")
    args = parser.parse_args()
    unknown = set(args.scenario) - set(scenarios.TABLE)
    if unknown:
        parser.error(f"unknown scenario {', '.join(sorted(unknown))}")
    report.need_root()
    report.need_agent(args.weft)
    results = {}
    failed = False
    for name in args.scenario or scenarios.TABLE:
        try:
            results[name] = run_scenario(name, args)
        except report.Skip as reason:
            print(f"SKIP {name}: {reason}")
        except (agent.AgentError, RuntimeError) as error:
            print(f"FAIL {name}: {error}")
            failed = True
    print(table(results))
    if args.json:
        out = {"machine": machine(), "scenarios": results}
        pathlib.Path(args.json).write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0 if results else report.SKIPPED


if __name__ == "__main__":
    sys.exit(main())
