# SPDX-License-Identifier: Apache-2.0
"""What holds of all spans of any run, whatever was traced. Each check yields problems."""
from . import otlp

MS = 1_000_000  # ns
SLACK = 5 * MS  # between two processes' stamps of one message; more where hooks run after it


def unique_ids(index):
    """No two spans share an id."""
    for twice in sorted(index.duplicates()):
        them = [str(s) for s in index.spans if s.span_id == twice]
        yield f"{len(them)} spans have the id {twice}: {'; '.join(them[:3])}"


def parents_exist(index):
    """A parent is a span of this run, or it was announced on the wire."""
    for span in index.spans:
        if span.parent_id and not index.parent(span) and span.correlation != "header":
            yield f"{span}: its parent was neither exported nor announced"


def no_loops(index):
    """Nothing is its own ancestor."""
    for span in index.spans:
        seen, above = set(), span
        while above and above.span_id not in seen:
            seen.add(above.span_id)
            above = index.parent(above)
        if above is span:
            yield f"{span}: its own ancestor"


def one_trace(index):
    """A child lies in its parent's trace."""
    for span, above in _pairs(index):
        if span.trace_id != above.trace_id:
            yield f"{span}: another trace than its parent {above}"


def links_exist(index):
    """What a span links to is a span of this run, in that trace."""
    for span in index.spans:
        for link in span.links:
            target = index.by_id.get(link["spanId"])
            if not target or target.trace_id != link["traceId"]:
                yield f"{span}: a link to {link['traceId'][:6]}…/{link['spanId']}, which is no span"


def within_the_client(index):
    """A server works while its client waits. A client that failed may not have waited."""
    for span, above in _pairs(index):
        if span.correlation != "connection" or not above.is_client:
            continue
        early, late = above.start - span.start, span.end - above.end
        if early > SLACK or (late > SLACK and above.status != otlp.ERROR):
            yield (f"{span}: not within its client {above}: {early / MS:.3f} ms before, "
                   f"{late / MS:.3f} ms after")


def begins_after_its_parent(index):
    """Within a process a child begins after its parent."""
    for span, above in _pairs(index):
        if span.correlation not in ("header", "connection") and above.start - span.start > MS:
            yield f"{span}: begins {(above.start - span.start) / MS:.3f} ms before its parent {above}"


def _pairs(index):
    return ((s, index.parent(s)) for s in index.spans if s.parent_id and index.parent(s))


CHECKS = {check.__name__: check for check in (
    unique_ids, parents_exist, no_loops, one_trace, links_exist, within_the_client,
    begins_after_its_parent)}


def problems(spans, except_for=()):
    """except_for: names of checks that this run cannot pass."""
    unknown = set(except_for) - set(CHECKS)
    if unknown:
        raise ValueError(f"no such check: {', '.join(sorted(unknown))}")
    index = otlp.Index(spans)
    return [problem for name, check in CHECKS.items() if name not in except_for
            for problem in check(index)]
