# SPDX-License-Identifier: Apache-2.0
"""Right, wrong or orphan: checks the parents along a chain in which every request carries its
own id in its path.

Of one request these spans exist, each the parent of the next:
  load CLIENT → front SERVER → front CLIENT → middle SERVER → middle CLIENT → back SERVER
"""
import dataclasses

from . import otlp


@dataclasses.dataclass
class Tally:
    """A request is wrong when any parent is wrong, right when all are right, else orphan."""
    requests: int = 0
    right: int = 0
    wrong: int = 0
    orphan: int = 0
    unjoined: int = 0  # server spans that lack their client: promised on one host
    problems: list = dataclasses.field(default_factory=list)  # missing and double spans
    examples: list = dataclasses.field(default_factory=list)  # of wrong parents

    def add(self, found):
        self.requests += 1
        if "wrong" in found:
            self.wrong += 1
        elif set(found) == {"right"}:
            self.right += 1
        else:
            self.orphan += 1


def spans_of(index, path, loader_pid, hops, problems):
    """The six spans in order, None where one is missing; pids of the hops front first."""
    places = [(otlp.CLIENT, {loader_pid})]
    for number, pids in enumerate(hops):
        places.append((otlp.SERVER, pids))
        if number + 1 < len(hops):
            places.append((otlp.CLIENT, pids))
    found = []
    for kind, pids in places:
        spans = index.at(path, kind, pids)
        if len(spans) != 1:
            problems.append(f"{path}: {len(spans)} spans of kind {kind} in {sorted(pids)}")
        found.append(spans[0] if spans else None)
    return found


def link(child, parent):
    if child is None:
        return "missing"
    if not child.parent_id:
        return "orphan"
    if parent and child.parent_id == parent.span_id and child.trace_id == parent.trace_id:
        return "right"
    return "wrong"


def check_chain(index, paths, loader_pid, hops):
    tally = Tally()
    for path in paths:
        spans = spans_of(index, path, loader_pid, hops, tally.problems)
        found = []
        if spans[0] and spans[0].parent_id:  # the loader serves nobody
            found.append("wrong")
            tally.examples.append(f"{spans[0]}: must be a root")
        for parent, child in zip(spans, spans[1:]):
            result = link(child, parent)
            found.append(result)
            if result == "wrong":
                tally.examples.append(f"{child}: its parent is {index.parent(child)}")
            if result == "orphan" and child.is_server:
                tally.unjoined += 1
        tally.add(found)
    return tally


def check_polls(index, tally, pids):
    """A timer's requests belong to nobody: their client spans must be roots."""
    polls = [s for s in index.spans
             if s.is_client and s.pid in pids and s.path.startswith("/poll/")]
    for span in polls:
        tally.add(["wrong" if span.parent_id else "right"])
        if span.parent_id:
            tally.examples.append(f"{span}: a timer's request under {index.parent(span)}")
    if not polls:
        tally.problems.append("the timer's requests left no span")
