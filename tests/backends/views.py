# SPDX-License-Identifier: Apache-2.0
"""What becomes of a span on its way to a backend: the span that was sent → the one to be found,
by the mappings that docs/exporters.md promises. Written anew here, not taken from the exporters."""
import dataclasses
import json

from spans import as_json, micro

PEERS = (("peer.service", None), ("server.address", "server.port"), ("network.peer.address", "network.peer.port"))


def as_otlp(span):
    """Nothing is lost."""
    return span


def as_jaeger(span):
    """By OTLP: Jaeger knows no span without duration."""
    return dataclasses.replace(span, duration=max(span.duration, 1))


def as_thrift(span):
    """By the exporter `jaeger`, told by Jaeger as OTLP; it leaves our tags as they are."""
    return dataclasses.replace(
        as_jaeger(micro(span)), attributes=_without_lists(span.attributes) | _tags(span), dropped=0, scope="",
        trace_state="", links=[(trace, id_, {"opentracing.ref_type": "follows_from"}) for trace, id_, _ in span.links])


def as_page(span):
    """The same, told by the API of Jaeger's page."""
    attributes = {key: _as_page_number(value) for key, value in as_thrift(span).attributes.items()}
    error = {"error": True} if span.status == "ERROR" else {}
    return dataclasses.replace(
        as_thrift(span), duration=micro(span).duration, attributes=attributes | error,
        links=[(trace, id_, {}) for trace, id_, _ in span.links])


def _as_page_number(value):
    """Jaeger writes as text what JavaScript's numbers cannot hold."""
    return str(value) if isinstance(value, int) and abs(value) >= 2**53 else value


def as_zipkin(span):
    tags = {k: as_text(v) for k, v in (span.resource | span.attributes).items()}
    tags |= _marks(span) | {f"otlp.link.{n}": _link(link) for n, link in enumerate(span.links)}
    return dataclasses.replace(
        micro(span, least=1), service=span.service.lower(), name=span.name.lower(), attributes=tags, resource={},
        trace_state="", links=[], dropped=0, peer=_peer(span),
        events=[(time // 1000 * 1000, _annotation(name, attributes), {}) for time, name, attributes in span.events])


def _without_lists(attributes):
    return {key: as_json(value) for key, value in attributes.items()}


def _tags(span):
    tags = {"otel.scope.name": span.scope}
    if span.trace_state:
        tags["w3c.tracestate"] = span.trace_state
    if span.dropped:
        tags["otel.dropped_attributes_count"] = span.dropped
    return tags


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(as_json(value))


def _compact(attributes):
    return json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))


def _annotation(name, attributes):
    return f'"{name}": {_compact(attributes)}' if attributes else name


def _link(link):
    trace, id_, attributes = link
    return f"{trace}|{id_}||{_compact(attributes)}|0"


def _marks(span):
    """The tags for what Zipkin has no field for."""
    marks = {key: str(value) for key, value in _tags(span).items()}
    if span.status:
        marks["otel.status_code"] = span.status
    if span.status == "ERROR":
        marks["error"] = span.message
    return marks


def _peer(span):
    if span.kind not in ("client", "producer"):
        return None
    for key, port in PEERS:
        if key in span.attributes:
            name = span.attributes[key]
            endpoint = {"ipv6": name} if ":" in name else {"serviceName": name.lower()}
            return endpoint | ({"port": span.attributes[port]} if port in span.attributes else {})
    return None
