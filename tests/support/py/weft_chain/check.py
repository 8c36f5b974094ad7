# SPDX-License-Identifier: Apache-2.0
"""What the spans of the chain caller → A → B must be: pure, on weft_harness.otlp spans."""
from weft_harness import otlp

from .services import METHODS, status_of

CALLER, A, B = "chain-caller", "chain-a", "chain-b"
# Outermost first: (service, kind, path prefix).
LINKS = ((CALLER, otlp.CLIENT, "/a/"), (A, otlp.SERVER, "/a/"),
         (A, otlp.CLIENT, "/b/"), (B, otlp.SERVER, "/b/"))


def belongs(span):
    return span.service in (CALLER, A, B)


def problems(spans, count):
    """Texts, one a fault; empty when all of count requests are right."""
    spans = [span for span in spans if belongs(span)]
    index = otlp.Index(spans)
    found = [f"span id {span_id} twice" for span_id in index.duplicates()]
    if len(spans) != count * len(LINKS):
        found.append(f"{len(spans)} spans, expected {count * len(LINKS)}")
    for number in range(count):
        found += _request(index, number)
    return found


def _request(index, number):
    found, chain = [], []
    for service, kind, prefix in LINKS:
        path = f"{prefix}{number}"
        matches = [s for s in index.at(path, kind) if s.service == service]
        if len(matches) != 1:
            return [f"request {number}: {len(matches)} spans of {service} kind {kind} {path}"]
        chain.append(matches[0])
        found += _fields(matches[0], number)
    if chain[0].parent_id:
        found.append(f"request {number}: the caller's span has a parent")
    for parent, child in zip(chain, chain[1:]):
        found += _edge(parent, child)
    return found


def _fields(span, number):
    found = []
    if span.method != METHODS[number % len(METHODS)]:
        found.append(f"method of {span}")
    if span.code != status_of(number):
        found.append(f"status code of {span}, expected {status_of(number)}")
    failed = span.code >= (400 if span.is_client else 500) if span.code else True
    if (span.status == otlp.ERROR) != failed:
        found.append(f"span status {span.status} of {span}")
    if not 0 < span.start <= span.end:
        found.append(f"times of {span}")
    return found


def _edge(parent, child):
    found = []
    if child.trace_id != parent.trace_id:
        found.append(f"another trace: {child} under {parent}")
    if child.parent_id != parent.span_id:
        found.append(f"wrong parent: {child}, expected {parent.span_id}")
    if not child.correlation:
        found.append(f"no weft.correlation: {child}")
    return found
