# SPDX-License-Identifier: Apache-2.0
"""What must hold of engines' spans. Checks return a list of problems."""
from . import otlp

PAGE = 8192
_SYNCING = ("wal.flush", "wal.checkpoint")


def named(spans, *names):
    return [s for s in spans if s.name in names]


def started_in(spans, window):
    """window: (begin, end) in Unix ns."""
    return [s for s in spans if window[0] <= s.start <= window[1]]


def total(spans, key):
    return sum(s.attributes.get(key, 0) for s in spans)


def milliseconds(spans):
    return sum(s.end - s.start for s in spans) / 1e6


def syncs(spans):
    """Syncs of the log, without those that make a new segment of PostgreSQL's."""
    return [s for s in named(spans, "wal.sync")
            if "xlogtemp" not in s.attributes.get("wal.file.path", "")]


def flushes(spans, **wanted):
    """wal.flush spans with these attributes, e.g. role="leader", cause="commit"."""
    return [s for s in named(spans, "wal.flush")
            if all(s.attributes.get(f"wal.flush.{k}") == v for k, v in wanted.items())]


def same(what, found, wanted):
    return [] if found == wanted else [f"{what}: {found} instead of {wanted}"]


def close(what, found, wanted, part=0.05):
    return [] if abs(found - wanted) <= part * wanted else \
        [f"{what}: {found:.1f} instead of {wanted:.1f}, more than {part:.0%} away"]


def shape(spans):
    """Flushes hold what they took their time for, inside their own time."""
    problems = []
    index = otlp.Index(spans)
    below = {}
    for span in spans:
        below.setdefault(span.parent_id, []).append(span)
    for flush in named(spans, "wal.flush"):
        inner = below.get(flush.span_id, [])
        problems += _role(flush, {s.name for s in inner})
        problems += [f"{s} {s.name}: outside of its flush" for s in inner
                     if not flush.start <= s.start <= s.end <= flush.end]
    for span in named(spans, "wal.sync", "wal.wait"):
        above = index.parent(span)
        within = above and above.trace_id == span.trace_id and above.start <= span.start
        if not within or span.name == "wal.sync" and above.name not in _SYNCING:
            problems.append(f"{span} {span.name}: inside {above} {above and above.name}")
    return problems + [f"span id {i} occurs twice" for i in index.duplicates()]


def _role(flush, inner):
    role = flush.attributes.get("wal.flush.role")
    if role == "follower":
        waited = "wal.wait" in inner or flush.links
        return [] if waited and "wal.sync" not in inner else \
            [f"{flush}: a follower with {sorted(inner)} inside"]
    durable = flush.attributes.get("wal.durable")
    if (durable or role == "leader") and "wal.sync" not in inner:
        return [f"{flush}: {role or ''} durable {durable} without wal.sync inside"]
    return []


def links(spans):
    """Who waited for another's sync is linked to it: over before the wait is, in a flush that
    was under way meanwhile. Waits are spans of their own, or what a follower does."""
    problems = []
    index = otlp.Index(spans)
    for wait in named(spans, "wal.wait", "wal.flush"):
        if len(wait.links) > 1:
            problems.append(f"{wait}: {len(wait.links)} links")
        for link in wait.links:
            problems += _link(index, wait, link)
    return problems + _followers(spans)


def _link(index, wait, link):
    sync = index.by_id.get(link["spanId"])
    if sync is None or sync.name != "wal.sync":
        return [f"{wait}: linked to {sync}, not to a sync"]
    if sync.trace_id != link["traceId"]:
        return [f"{wait}: its link has another trace than the sync, {sync}"]
    if sync.parent_id in (wait.span_id, wait.parent_id or "-"):
        return [f"{wait}: linked to a sync of its own"]
    flush = index.parent(sync) or sync
    # PostgreSQL's own link is of a commit that finds its log durable: after that flush.
    comes_after = (wait.name, wait.attributes.get("db.system.name")) == ("wal.flush", "postgresql")
    if sync.end > wait.end or (flush.end < wait.start and not comes_after):
        return [f"{wait}: linked to a sync that ended {(wait.end - sync.end) / 1000:.0f} us "
                f"before its end, in a flush that ended {(wait.start - flush.end) / 1000:.0f} us "
                "before its beginning"]
    return []


def _followers(spans):
    linked = {s.parent_id for s in named(spans, "wal.wait") if s.links}
    return [f"{f}: a follower that is linked to no sync" for f in flushes(spans, role="follower")
            if f.span_id not in linked and not f.links]
