# SPDX-License-Identifier: Apache-2.0
"""From the pairs of a scenario to its figures, and from those to text."""
import measure
import scenarios

MB = 1 << 20
ROWS = (("machine CPU per request", "machine_cpu_ratio", "×"),
         ("server CPU per request", "server_cpu_ratio", "×"),
         ("throughput kept", "throughput_kept", "×"), ("transactions/s kept", "tps_kept", "×"),
         ("p99 added", "p99_added_us", "µs"), ("agent CPU per request", "agent_us_per_req", "µs"),
         ("agent CPU", "agent_core", "cores"),
         ("BPF per request", "bpf_us_per_tx", "µs"),
         ("… of probe_*, file_*", "bpf_storage_us_per_tx", "µs"),
         ("traps per request", "trap_us_per_tx", "µs"), ("agent memory", "agent_rss_mb", "MB"),
         ("… grown by", "agent_grown_mb", "MB"),
         ("kernel memory", "kernel_mem_mb", "MB"), ("start → first span", "first_span_s", "s"),
         ("server CPU ÷ baseline", "server_cpu_vs_baseline", "×"),
         ("throughput ÷ baseline", "throughput_vs_baseline", "×"),
         ("agent CPU ÷ baseline", "agent_cpu_vs_baseline", "×"),
         ("agent memory ÷ baseline", "agent_rss_vs_baseline", "×"),
         ("CPU per request, Weft", "weft_cpu_ratio", "×"),
         ("CPU per request, SDK", "sdk_cpu_ratio", "×"),
         ("throughput kept, SDK", "sdk_throughput_kept", "×"),
         ("p99 added, SDK", "sdk_p99_added_us", "µs"),
         ("spans per request, Weft", "weft_spans_per_req", ""),
         ("spans per request, SDK", "sdk_spans_per_req", ""),
         ("other programs, most", "foreign_cores", "cores"),
         ("dropped", "dropped", ""), ("spans", "spans", ""), ("requests", "requests", ""))


def _losses(costs):
    total = {}
    for cost in costs:
        for cause, count in cost.losses.items():
            total[cause] = total.get(cause, 0) + count
    return total


def _with_spread(key, values, digits=3):
    return {key: measure.median(values, digits), f"{key}_spread": measure.spread(values, digits)}


def of(rounds, first_spans):
    """The scenario's entry of the JSON file; what is per request only where there are any."""
    pairs = [(r.plain, r.traced[0]) for r in rounds]
    costs = [r.traced[1] for r in rounds]
    losses = _losses(costs)
    return {
        **(_per_request(rounds) if all(plain.requests for plain, _ in pairs) else {}),
        "agent_rss_mb": round(max(cost.rss for cost in costs) / MB, 1),
        "kernel_mem_mb": round(max(cost.maps for cost in costs) / MB, 1),
        **(_with_spread("first_span_s", first_spans) if first_spans else {}),
        "dropped": sum(losses.values()), "dropped_by_cause": losses,
        "spans": sum(cost.spans for cost in costs),
        "requests": sum(traced.requests for _, traced in pairs),
        "errors": sum(plain.errors + traced.errors for plain, traced in pairs),
        "foreign_cores": round(max(traced.foreign for _, traced in pairs), 3),
        "pairs": len(pairs),
    }


def _per_request(rounds):
    pairs = [(r.plain, r.traced[0]) for r in rounds]
    return {
        **_with_spread("machine_cpu_ratio", [t.machine_cpu_per_request / p.machine_cpu_per_request
                                             for p, t in pairs]),
        **_with_spread("server_cpu_ratio", [t.cpu_per_request / p.cpu_per_request
                                            for p, t in pairs]),
        **_with_spread("throughput_kept", [t.rate / p.rate for p, t in pairs]),
        **_with_spread("p99_added_us", [t.p99_us - p.p99_us for p, t in pairs], None),
        **_with_spread("agent_us_per_req", [1e6 * cost.cpu / load.requests
                                            for load, cost in (r.traced for r in rounds)]),
        "server_cpu_us_per_req": measure.median([1e6 * p.cpu_per_request for p, _ in pairs], 2),
        "requests_per_s": measure.median([p.rate for p, _ in pairs], None),
    }


def against_baseline(rounds):
    """This build ÷ the other one, round by round."""
    pairs = [(r.traced, r.baseline) for r in rounds]
    return {
        **_with_spread("server_cpu_vs_baseline", [new.cpu_per_request / old.cpu_per_request
                                                  for (new, _), (old, _) in pairs]),
        **_with_spread("throughput_vs_baseline", [new.rate / old.rate
                                                  for (new, _), (old, _) in pairs]),
        **_with_spread("agent_cpu_vs_baseline",
                       [(cost.cpu / new.requests) / (before.cpu / old.requests)
                        for (new, cost), (old, before) in pairs]),
        **_with_spread("agent_rss_vs_baseline",
                       [cost.rss / before.rss for (_, cost), (_, before) in pairs]),
    }


def against_sdk(rounds, sdk_spans):
    """All CPU time that tracing takes, in the server and beside it. sdk_spans: a request."""
    pairs = [(r.plain, *r.traced) for r in rounds]
    return {
        **_with_spread("weft_cpu_ratio", [(load.server_cpu + cost.cpu) / load.requests
                                          / plain.cpu_per_request for plain, load, cost in pairs]),
        **_with_spread("sdk_cpu_ratio", [r.sdk.cpu_per_request / r.plain.cpu_per_request
                                         for r in rounds]),
        **_with_spread("sdk_throughput_kept", [r.sdk.rate / r.plain.rate for r in rounds]),
        **_with_spread("sdk_p99_added_us", [r.sdk.p99_us - r.plain.p99_us for r in rounds], None),
        "weft_spans_per_req": round(sum(cost.spans for _, _, cost in pairs)
                                    / sum(load.requests for _, load, _ in pairs), 2),
        "sdk_spans_per_req": round(sdk_spans, 2),
    }


def of_spanless(rounds):
    """Where nothing is traced, what the agent costs is a part of a core."""
    runs = [r.traced for r in rounds]
    return {**_with_spread("agent_core", [cost.cpu / load.seconds for load, cost in runs], 5),
            "agent_grown_mb": round(max(cost.grown for _, cost in runs) / MB, 1)}


def of_storage(entry):
    """Transactions are what a database's users count."""
    return {"tps_kept": entry["throughput_kept"],
            "tps_kept_spread": entry["throughput_kept_spread"]}


def table(results):
    """Text for a person."""
    return "\n".join(line for name, entry in results.items() for line in _lines(name, entry))


def _lines(name, entry):
    yield f"\n{name} ({entry['pairs']} pairs, median [least, most])"
    for label, key, unit in ROWS:
        if key in entry:
            yield _line(label, entry[key], unit, entry.get(f"{key}_spread"),
                        scenarios.GOALS[name].get(key))
    if entry["dropped_by_cause"]:
        yield f"  dropped by cause        {entry['dropped_by_cause']}"
    for program, cost in entry.get("bpf_programs", {}).items():
        yield f"    {program:22}{cost['us_per_tx']:>12} µs  in {cost['runs_per_tx']} runs"


def _line(label, value, unit, spread, goal):
    text = f"  {label:24}{value:>12} {unit:3}"
    text += f" [{spread[0]}, {spread[1]}]" if spread else ""
    return text + (f"  goal {goal}" if goal else "")
