# SPDX-License-Identifier: Apache-2.0
"""Right, wrong or orphan: checks whose statement a flush of the log hangs under.

A client tells when it committed what on which connection (Stretch); a backend serves one
connection, so its flushes in that time are those commits, in that order.
"""
import dataclasses
import re

from . import otlp, wal


@dataclasses.dataclass(frozen=True)
class Stretch:
    """commits: of each, the words of which one is in the text of the statement that commits."""
    pid: int
    begin: int  # Unix ns, as the client saw it
    end: int
    commits: tuple

    def holds(self, span):
        return span.pid == self.pid and self.begin <= span.start <= span.end <= self.end


@dataclasses.dataclass
class Tally:
    right: int = 0
    orphan: int = 0
    missing: int = 0  # commits that found their log durable already
    wrong: list = dataclasses.field(default_factory=list)

    def __str__(self):
        return (f"right {self.right}  wrong {len(self.wrong)}  orphan {self.orphan}  "
                f"without a flush {self.missing}")


def words(span):
    return set(re.findall(r"\w+", span.attributes.get("db.query.text", "").lower()))


def check(spans, stretches):
    """Every commit's flush of these backends, against what their clients say."""
    index = otlp.Index(spans)
    flushes = {}
    for flush in sorted(wal.flushes(spans, cause="commit"), key=lambda s: s.start):
        flushes.setdefault(flush.pid, []).append(flush)
    tally = Tally()
    for stretch in stretches:
        mine = [f for f in flushes.get(stretch.pid, []) if stretch.holds(f)]
        _check_stretch(index, tally, stretch, mine)
    return tally


def _check_stretch(index, tally, stretch, flushes):
    tally.missing += len(stretch.commits) - len(flushes)
    at = 0  # the commits before it have had their flush
    for flush in flushes:
        above = index.parent(flush)
        if not flush.parent_id:
            tally.orphan += 1
            continue
        fits = [n for n in range(at, len(stretch.commits)) if _fits(stretch, n, flush, above)]
        if fits:
            at = fits[0] + 1
            tally.right += 1
        else:
            tally.wrong.append(f"flush {flush}: hangs under {above} "
                               f"{_text(above)}, not under one of {stretch.commits[at:]}")


def _fits(stretch, number, flush, above):
    return (above is not None and above.is_server and stretch.holds(above) and
            flush.trace_id == above.trace_id and bool(words(above) & set(stretch.commits[number])))


def _text(span):
    return repr(span.attributes.get("db.query.text")) if span else ""


def check_statements(spans, client_pid):
    """The client's statements and the server's pair up, text for text."""
    index = otlp.Index(spans)
    wrong = []
    for span in spans:
        above = index.parent(span)
        if not span.is_server or not span.attributes.get("db.system.name") or above is None:
            continue
        if not above.is_client or above.pid != client_pid or words(above) != words(span):
            wrong.append(f"statement {span} {_text(span)}: hangs under {above} {_text(above)}")
    return wrong
