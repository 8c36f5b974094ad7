#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""curl → nginx → Flask → PostgreSQL → its WAL is one trace, of the right shape; an order that
the database refuses shows where; and a traceparent that curl brings is continued."""
import pathlib
import secrets
import sys

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path[:0] = [str(SUPPORT / "py"), str(SUPPORT / "demo")]
from weft_harness import agent, cli, otlp, procs, report  # noqa: E402
import services  # noqa: E402

REPEATS = 20


def one_shape(out, spans, tag):
    """An order that went well, from curl down to the disk."""
    mine = services.trace_of(spans, tag)
    problems = services.shape_problems(mine)
    problems += [f"{span}: status is not 201" for span in mine if span.code not in (None, 201)]
    problems += [f"{span}: an error" for span in mine if span.status == otlp.ERROR]
    if problems:
        problems += otlp.tree(mine)
    out.result(f"one trace, {tag}", problems)


def refused(out, spans, tag):
    """An order for a book that is not there: a foreign key's violation, on both its sides."""
    mine = services.trace_of(spans, tag)
    inserts = [s for s in mine if s.name.startswith("INSERT")]
    problems = [f"{s}: not the error 23503" for s in inserts
                if s.status != otlp.ERROR or
                s.attributes.get("db.response.status_code") != "23503"]
    kinds = sorted(s.kind for s in inserts)
    if kinds != [otlp.SERVER, otlp.CLIENT]:
        problems.append(f"INSERT spans of kinds {kinds}, not one by the server and one by the client")
    problems += [f"{s}: status is not 500" for s in mine if s.code not in (None, 500)]
    problems += [f"{s}: nothing was committed" for s in mine if s.name.startswith("COMMIT")]
    if problems:
        problems += otlp.tree(mine)
    out.result(f"where it failed, {tag}", problems)


def continues(out, spans, tag, trace_id, parent_id, state):
    """The outermost spans continue the context that curl was given."""
    mine = services.trace_of(spans, tag)
    problems = [f"{s}: not in the trace of the header" for s in mine if s.trace_id != trace_id]
    roots = [s for s in mine if s.parent_id == parent_id]
    if not roots:
        problems.append(f"no span has the header's parent {parent_id}")
    # Where curl is in sight too, its span takes the announced id, and the tuple joins to that.
    problems += [f"{s}: weft.correlation is {s.correlation!r}, not 'header' or 'tuple'"
                 for s in roots if s.correlation not in ("header", "connection")]
    problems += [f"{s}: tracestate is {s.trace_state!r}, not {state!r}"
                 for s in roots if s.trace_state != state]
    if problems:
        problems += otlp.tree(mine)
    out.result(f"continues a traceparent, {tag}", problems)


def main():
    args = cli.parser(__doc__).parse_args()
    report.need_root()
    report.need_agent(args.weft)
    out = report.Report()
    try:
        run(out, args)
    except report.Failure as error:
        out.fails("every span", str(error).splitlines())
    return out.exit_code()


def run(out, args):
    trace_id, parent_id, state = secrets.token_hex(16), secrets.token_hex(8), "rojo=00f067"
    with procs.Group("weft-one-trace") as group:
        try:
            running = services.Services(group)
        except report.Skip as reason:
            out.skips("one trace", reason)
            return
        with agent.Agent(group, args.weft, cli.agent_flags(args)) as tracer:
            for number in range(REPEATS):
                running.curl("POST", f"/orders?book=1&visit=repeat-{number}-")
            running.curl("POST", "/orders?book=9&visit=refused-")
            running.curl("POST", "/orders?book=2&visit=header-",
                         "-H", f"traceparent: 00-{trace_id}-{parent_id}-01",
                         "-H", f"tracestate: {state}")
        spans = tracer.spans()
    for number in range(REPEATS):
        one_shape(out, spans, f"repeat-{number}-")
    refused(out, spans, "refused-")
    continues(out, spans, "header-", trace_id, parent_id, state)


if __name__ == "__main__":
    sys.exit(main())
