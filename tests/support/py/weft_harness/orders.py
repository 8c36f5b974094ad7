# SPDX-License-Identifier: Apache-2.0
"""Right, wrong or orphan: checks whole requests, from the one who asked down to the disk.

Request N asks for /orders/N, which commits a row with a column called orderN. Its spans, each
the parent of the next; an application may commit in the same statement or in another:
  CLIENT /orders/N → SERVER /orders/N → CLIENT orderN → SERVER orderN
                                      → CLIENT commit → SERVER commit → wal.flush → wal.sync
"""
import dataclasses
import re

from . import parent_links, otlp, wal
from .parents import words


@dataclasses.dataclass(frozen=True)
class Actors:
    """Who is who: pids, and whether a span is the database server's."""
    loader: set
    app: set
    is_database: object


def path(number):
    return f"/orders/{number}"


class Orders:
    """The spans of a run, found by request. needless: commits checked that found their log
    durable already, by another's flush, and have none."""

    def __init__(self, spans, actors):
        self.needless = 0
        self.index = otlp.Index(spans)
        self._actors = actors
        self._by_word = {}
        self._executed = {}
        self._flushes = {}
        self._syncs = {s.parent_id: s for s in wal.syncs(spans)}
        for span in sorted(spans, key=lambda s: s.start):
            if span.attributes.get("db.operation.name") == "PREPARE":
                continue  # it has the text, and does nothing
            for word in words(span):
                self._by_word.setdefault((word, span.kind), []).append(span)
                if span.is_server and re.fullmatch(r"order\d+", word):
                    self._executed.setdefault(span.pid, []).append(span)
            if span.name == "wal.flush" and span.attributes.get("wal.flush.cause") == "commit":
                self._flushes.setdefault(span.pid, []).append(span)

    def _one(self, spans, what, tally):
        if len(spans) != 1:
            tally.problems.append(f"{what}: {len(spans)} spans")
        return spans[0] if spans else None

    def check(self, numbers):
        tally = parent_links.Tally()
        for number in numbers:
            tally.add([self._verdict(*link, tally) for link in self._links(number, tally)])
        return tally

    def _links(self, number, tally):
        """(child, the parent it must have) from the top down to the flush."""
        name, of = f"order{number}", self._actors
        asked = self._one(self.index.at(path(number), otlp.CLIENT, of.loader), "client", tally)
        heard = self._one(self.index.at(path(number), otlp.SERVER, of.app), "server", tally)
        sent = self._one([s for s in self._by_word.get((name, otlp.CLIENT), [])
                          if s.pid in of.app], f"{name} sent", tally)
        executed = self._one([s for s in self._by_word.get((name, otlp.SERVER), [])
                              if of.is_database(s)], f"{name} executed", tally)
        found = [(heard, asked), (sent, heard), (executed, sent)]
        return found + (self._commit(executed, sent, heard, tally) if executed else [])

    def _commit(self, executed, sent, heard, tally):
        """The next flush of the connection that the order went over is its commit."""
        flush = self._flush_after(executed)
        if flush is None:
            self.needless += 1
            return []
        if flush.attributes.get("wal.flush.role") == "leader" and \
                flush.span_id not in self._syncs:
            tally.problems.append(f"{flush}: no sync in it")
        above = self.index.parent(flush)
        if above is None or above is executed:
            return [(flush, executed)]
        committing = self.index.parent(above)
        if "commit" not in words(above) or committing is sent:
            return [(flush, executed)]  # which it is not: wrong
        return [(flush, above if above.pid == executed.pid else None), (above, committing),
                (committing, heard)]

    def _flush_after(self, executed):
        """Before the next order over that connection, if any."""
        later = min((s.start for s in self._executed.get(executed.pid, [])
                     if s.start > executed.start), default=float("inf"))
        return next((f for f in self._flushes.get(executed.pid, [])
                     if executed.start <= f.start < later), None)

    def _verdict(self, child, parent, tally):
        result = parent_links.link(child, parent)
        if result == "wrong":
            tally.examples.append(f"{child} {child.name}: its parent is "
                                  f"{self.index.parent(child)}, not {parent}")
        if result == "orphan" and child.is_server:
            tally.unjoined += 1
        return result
