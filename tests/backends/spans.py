# SPDX-License-Identifier: Apache-2.0
"""Spans as every backend's reader gives them, so that one comparison serves all.

A reader makes Spans of what a backend answers. A view makes of the span that was sent the one
which such a backend can keep. compare() wants them to be equal, field by field."""
import base64
import dataclasses
import json

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
STATUSES = {0: "", 1: "OK", 2: "ERROR"}


@dataclasses.dataclass(frozen=True)
class Span:
    trace: str
    id: str
    parent: str  # "": none
    service: str
    name: str
    kind: str
    start: int  # Unix ns
    duration: int  # ns
    status: str
    message: str
    trace_state: str
    attributes: dict
    resource: dict
    events: list  # (Unix ns, name, attributes)
    links: list  # (trace, id, attributes)
    scope: str = "weft"
    dropped: int = 0  # attributes
    peer: dict | None = None  # where the format has a place of its own for it


def of_otlp(request):
    """The spans of OTLP JSON: ids as hex or base64, enumerations as numbers or names."""
    for group in request.get("resourceSpans", []):
        resource = plain(group.get("resource", {}).get("attributes", []))
        service = resource.pop("service.name")
        for scope in group.get("scopeSpans", []):
            for span in scope.get("spans", []):
                yield _of_otlp_span(span, service, resource, scope.get("scope", {}).get("name", ""))


def _of_otlp_span(span, service, resource, scope):
    start = int(span["startTimeUnixNano"])
    status = span.get("status", {})
    return Span(
        trace=hex_id(span["traceId"]), id=hex_id(span["spanId"]), parent=hex_id(span.get("parentSpanId", "")),
        service=service, name=span.get("name", ""), kind=enumerated(span["kind"], KINDS, "SPAN_KIND_"), start=start,
        duration=int(span["endTimeUnixNano"]) - start,
        status=enumerated(status.get("code", 0), STATUSES, "STATUS_CODE_"), message=status.get("message", ""),
        trace_state=span.get("traceState", ""), attributes=plain(span.get("attributes", [])), resource=resource,
        events=[(int(e["timeUnixNano"]), e.get("name", ""), plain(e.get("attributes", []))) for e in span.get("events", [])],
        links=[(hex_id(k["traceId"]), hex_id(k["spanId"]), plain(k.get("attributes", []))) for k in span.get("links", [])],
        scope=scope, dropped=span.get("droppedAttributesCount", 0))


def hex_id(text):
    """Of 16 or 32 hex digits, or of 8 or 16 bytes as base64."""
    return text if len(text) in (0, 16, 32) else base64.b64decode(text).hex()


def enumerated(value, names, prefix):
    if isinstance(value, str):
        value = value.removeprefix(prefix)
        return "" if value == "UNSET" else value if value in names.values() else value.lower()
    return names[value]


def plain(attributes):
    """OTLP's list of typed values as a dict of Python ones."""
    def value(v):
        if "intValue" in v:
            return int(v["intValue"])
        if "arrayValue" in v:
            return [value(item) for item in v["arrayValue"].get("values", [])]
        return next(iter(v.values()), None)
    return {a["key"]: value(a["value"]) for a in attributes}


def as_json(value):
    """A list as JSON, as our exporters write it where a format has no lists."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, list) else value


def micro(span, least=0):
    """In whole microseconds."""
    return dataclasses.replace(
        span, start=span.start // 1000 * 1000, duration=max(span.duration // 1000, least) * 1000,
        events=[(time // 1000 * 1000, *rest) for time, *rest in span.events])


def compare(sent, found):
    """Raises AssertionError that names every field of every span which is not as it was sent."""
    wrong = []
    by_id = {span.id: span for span in found}
    if len(by_id) != len(found) or set(by_id) != {span.id for span in sent}:
        wrong.append(f"spans: sent {sorted(s.id for s in sent)}, found {sorted(s.id for s in found)}")
    for span in sent:
        for field in dataclasses.fields(Span) if span.id in by_id else ():
            wanted, is_ = getattr(span, field.name), getattr(by_id[span.id], field.name)
            if wanted != is_ or type(wanted) is not type(is_):
                wrong.append(f"{span.kind} span '{span.name}', {field.name}:\n  sent  {wanted!r}\n  found {is_!r}")
    if wrong:
        raise AssertionError("\n".join(wrong))


def of_zipkin(span):
    """One of Zipkin's v2 spans."""
    return Span(
        trace=span["traceId"], id=span["id"], parent=span.get("parentId", ""),
        service=span["localEndpoint"]["serviceName"], name=span.get("name", ""),
        kind=span.get("kind", "INTERNAL").lower(), start=span["timestamp"] * 1000, duration=span["duration"] * 1000,
        status=span["tags"].get("otel.status_code", ""), message=span["tags"].get("error", ""), trace_state="",
        attributes=span["tags"], resource={}, links=[],
        events=[(a["timestamp"] * 1000, a["value"], {}) for a in span.get("annotations", [])],
        scope=span["tags"]["otel.scope.name"], peer=span.get("remoteEndpoint"))


def of_jaeger(trace):
    """The trace as Jaeger's own page gets it."""
    for span in trace["spans"]:
        process = trace["processes"][span["processID"]]
        tags = typed(span["tags"])
        parents = [r["spanID"] for r in span["references"] if r["refType"] == "CHILD_OF"]
        yield Span(
            trace=span["traceID"], id=span["spanID"], parent=parents[0] if parents else "",
            service=process["serviceName"], name=span["operationName"], kind=tags.pop("span.kind", "internal"),
            start=span["startTime"] * 1000, duration=span["duration"] * 1000,
            status=tags.pop("otel.status_code", ""), message=tags.pop("otel.status_description", ""),
            trace_state="", attributes=tags, resource=typed(process["tags"]),
            events=[_of_log(log) for log in span["logs"]],
            links=[(r["traceID"], r["spanID"], {}) for r in span["references"] if r["refType"] == "FOLLOWS_FROM"],
            scope="")


def _of_log(log):
    fields = typed(log["fields"])
    return log["timestamp"] * 1000, fields.pop("event"), fields


def typed(tags):
    return {tag["key"]: tag["value"] for tag in tags}
