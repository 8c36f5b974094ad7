#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One real server under every real client, with and without the agent.

Per pair: as many spans as requests, each right, none twice; the server's span is the child
of the client's; answers are the same with and without the agent.
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support" / "py"))
from weft_harness import (agent, checks, cli, clients, otlp, procs, report,  # noqa: E402
                          script, servers)

MODES = ("keep", "close")
WRK_REQUESTS, WRK_CONNECTIONS = 2000, 4


def run_clients(group, server, names, prefix):
    """{(client, mode): (requests, outcomes or the reason why not)}."""
    results = {}
    for name in names:
        for mode in MODES:
            requests = script.requests_for(f"{prefix}{name}-{mode}", server.port, server.overrides)
            try:
                results[name, mode] = requests, clients.TABLE[name](group, requests, mode)
            except (report.Skip, RuntimeError, subprocess.TimeoutExpired) as reason:
                results[name, mode] = requests, reason
    return results


def answers_problems(requests, plain, traced):
    """The answer is what the server should say, and the same under the agent."""
    problems = []
    for request, before, after in zip(requests, plain, traced, strict=True):
        if before["status"] != request.status:
            problems.append(f"{request.path}: answered {before['status']} without the agent, "
                            f"not {request.status}")
        if clients.comparable(before) != clients.comparable(after):
            problems.append(f"{request.path}: answer differs under the agent: "
                            f"{clients.comparable(before)} → {clients.comparable(after)}")
    return problems


def request_problems(request, index, tiers):
    """Spans of one request. tiers: (pids, port) of each server in the chain, front first."""
    everyone = set().union(*(pids for pids, _ in tiers))
    outer = [s for s in index.at(request.path, otlp.CLIENT) if s.pid not in everyone]
    above, problems = checks.one(outer, f"{request.path}: client")
    if above:
        problems += checks.client_span(above, request.method, request.status, tiers[0][1])
    for number, (pids, port) in enumerate(tiers):
        served, more = checks.one(index.at(request.path, otlp.SERVER, pids),
                                  f"{request.path}: server on port {port}")
        problems += more
        if served:
            problems += checks.server_span(served, request.method, request.status, tiers[0][1])
            problems += checks.is_child(served, above) if above else []
        if number + 1 == len(tiers):
            break
        above, more = checks.one(index.at(request.path, otlp.CLIENT, pids),
                                 f"{request.path}: proxy's client")
        problems += more + (checks.is_child(above, served) if above and served else [])
    return problems


def wrk_problems(prefix, index, tiers, answered):
    """Load: each request once, and no request invented. A few are cut at wrk's end."""
    pids = tiers[0][0]
    everyone = set().union(*(p for p, _ in tiers))
    problems = []
    counts = {otlp.SERVER: 0, otlp.CLIENT: 0}
    for path, spans in index.by_path.items():
        if not path.startswith(prefix + "/"):
            continue
        served = [s for s in spans if s.is_server and s.pid in pids]
        sent = [s for s in spans if s.is_client and s.pid not in everyone]
        counts[otlp.SERVER] += len(served)
        counts[otlp.CLIENT] += len(sent)
        if len(served) > 1 or len(sent) > 1:
            problems.append(f"{path}: {len(served)} server and {len(sent)} client spans")
        elif served and sent:
            problems += checks.is_child(served[0], sent[0])
        elif served and served[0].parent_id:
            problems.append(f"{served[0]}: its parent is no span of the client")
    for kind, count in counts.items():
        if not answered <= count <= answered + WRK_CONNECTIONS:
            problems.append(f"{count} {'server' if kind == otlp.SERVER else 'client'} spans of "
                            f"{answered} answered requests")
    return problems


def stray_problems(index, tiers, expected):
    """Spans of our servers that no client asked for."""
    pids = set().union(*(p for p, _ in tiers))
    return [f"unexpected {span}" for span in index.spans
            if span.pid in pids and not span.path.startswith(expected)]


def load(out, name, server, prefix):
    try:
        return clients.wrk(server.port, prefix, WRK_REQUESTS, WRK_CONNECTIONS)
    except report.Skip as reason:
        out.skips(f"{name} × wrk", reason)
        return None


def check(out, name, plain, traced, index, tiers):
    for (client, mode), (requests, outcomes) in traced.items():
        pair = f"{name} × {client} {mode}"
        before = plain[client, mode][1]
        if isinstance(before, report.Skip):
            out.skips(pair, before)
            continue
        if isinstance(before, Exception) or isinstance(outcomes, Exception):
            out.fails(pair, f"client failed: without {before!r:.300}, with {outcomes!r:.300}")
            continue
        problems = answers_problems(requests, before, outcomes)
        for request in requests:
            problems += request_problems(request, index, tiers)
        out.result(pair, problems, f"{len(requests)} requests")


def run_server(out, name, names, args):
    with procs.Group("weft-pairs") as group:
        try:
            server = servers.TABLE[name](group)
        except report.Skip as reason:
            out.skips(name, reason)
            return
        plain = run_clients(group, server, names, "plain-")
        tracer = agent.Agent(group, args.weft, cli.agent_flags(args))
        with tracer:
            pids = [server.pids(tier) for tier in range(len(server.tiers))]
            traced = run_clients(group, server, names, "")
            load_result = load(out, name, server, "/wrk") if args.wrk else None
            tiers = [(pids[tier] | server.pids(tier), server.tiers[tier][1])
                     for tier in range(len(server.tiers))]
        index = otlp.Index(tracer.spans())
        if args.dump:
            print("\n".join(otlp.tree(index.spans)))
        check(out, name, plain, traced, index, tiers)
        expected = tuple(f"/{client}-" for client in names) + ("/wrk/",)
        out.result(f"{name}: nothing else", stray_problems(index, tiers, expected))
        if load_result:
            answered, errors = load_result
            problems = wrk_problems("/wrk", index, tiers, answered)
            problems += [f"wrk met {errors} errors"] if errors else []
            out.result(f"{name} × wrk", problems, f"{answered} requests")


def main():
    parser = cli.parser(__doc__)
    parser.add_argument("--server", action="append", choices=sorted(servers.TABLE),
                        help="only this server (repeatable)")
    parser.add_argument("--client", action="append", choices=sorted(clients.TABLE) + ["wrk"],
                        help="only this client (repeatable)")
    parser.add_argument("--list", action="store_true", help="print the servers' names")
    parser.add_argument("--dump", action="store_true", help="print every span seen")
    args = parser.parse_args()
    if args.list:
        print("\n".join(servers.TABLE))
        return 0
    report.need_root()
    report.need_agent(args.weft)
    args.wrk = not args.client or "wrk" in args.client
    names = [name for name in clients.TABLE if not args.client or name in args.client]
    out = report.Report()
    for name in args.server or servers.TABLE:
        try:
            run_server(out, name, names, args)
        except (agent.AgentError, report.Failure, RuntimeError) as error:
            out.fails(name, str(error))
    return out.exit_code()


if __name__ == "__main__":
    sys.exit(main())
