#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""curl → nginx → Flask → a second service is one trace, of the right shape; and a
traceparent that curl brings is continued."""
import pathlib
import secrets
import sys

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path[:0] = [str(SUPPORT / "py"), str(SUPPORT / "demo")]
from weft_harness import agent, cli, otlp, procs, report  # noqa: E402
import services  # noqa: E402

REPEATS = 20


def spans_with(spans, tag):
    """All spans of the traces in which a URL carries the tag."""
    traces = {s.trace_id for s in spans
              if tag in s.attributes.get("url.full", "") + s.attributes.get("url.query", "")}
    return [s for s in spans if s.trace_id in traces]


def one_shape(out, spans, tag, status):
    """status: what the shop answers, the stock service 200 unless the shop says 502."""
    mine = spans_with(spans, tag)
    problems = services.shape_problems(mine)
    for span in mine:
        if span.code != status and "/books/" in span.path:
            problems.append(f"{span}: status is not {status}")
    if len(mine) != len(services.SHAPE):
        problems.append(f"{len(mine)} spans instead of {len(services.SHAPE)}")
    if problems:
        problems += otlp.tree(mine)
    out.verdict(f"one trace, {tag}", problems)


def continues(out, spans, tag, trace_id, parent_id, state):
    """The outermost spans continue the context that curl was given."""
    mine = spans_with(spans, tag)
    problems = [f"{s}: not in the trace of the header" for s in mine if s.trace_id != trace_id]
    roots = [s for s in mine if s.parent_id == parent_id]
    if not roots:
        problems.append(f"no span has the header's parent {parent_id}")
    # Where curl is in sight too, its span takes the announced id, and the tuple joins to that.
    problems += [f"{s}: weft.correlation is {s.correlation!r}, not 'header' or 'tuple'"
                 for s in roots if s.correlation not in ("header", "tuple")]
    problems += [f"{s}: tracestate is {s.trace_state!r}, not {state!r}"
                 for s in roots if s.trace_state != state]
    if problems:
        problems += otlp.tree(mine)
    out.verdict(f"continues a traceparent, {tag}", problems)


def main():
    args = cli.parser(__doc__).parse_args()
    report.need_root()
    report.need_agent(args.weft)
    out = report.Report()
    trace_id, parent_id, state = secrets.token_hex(16), secrets.token_hex(8), "rojo=00f067"
    with procs.Group("weft-one-trace") as group:
        try:
            running = services.Services(group)
        except report.Skip as reason:
            out.skips("one trace", reason)
            return out.exit_code()
        with agent.Agent(group, args.weft, cli.agent_flags(args)) as tracer:
            for number in range(REPEATS):
                running.get(f"/books/1?visit=repeat-{number}-")
            running.get("/books/3?visit=failing-")
            running.get("/books/2?visit=header-", "-H",
                        f"traceparent: 00-{trace_id}-{parent_id}-01", "-H", f"tracestate: {state}")
        spans = tracer.spans()
    for number in range(REPEATS):
        one_shape(out, spans, f"repeat-{number}-", 200)
    one_shape(out, spans, "failing-", 502)
    continues(out, spans, "header-", trace_id, parent_id, state)
    return out.exit_code()


if __name__ == "__main__":
    sys.exit(main())
