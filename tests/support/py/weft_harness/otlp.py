# SPDX-License-Identifier: Apache-2.0
"""Spans read from OTLP JSON lines, and the questions tests ask of them."""
import dataclasses
import json
import urllib.parse

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
UNSET, OK, ERROR = 0, 1, 2
_KINDS = {name: number for number, name in enumerate(
    ("SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT",
     "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"))}
_STATUS = {"STATUS_CODE_UNSET": UNSET, "STATUS_CODE_OK": OK, "STATUS_CODE_ERROR": ERROR}


@dataclasses.dataclass
class Span:
    trace_id: str
    span_id: str
    parent_id: str  # "" for a root
    name: str
    kind: int
    start: int  # Unix ns
    end: int
    status: int
    attributes: dict
    resource: dict
    links: list
    trace_state: str = ""
    flags: int = 0
    events: list = dataclasses.field(default_factory=list)

    @property
    def pid(self):
        return self.resource.get("process.pid", 0)

    @property
    def service(self):
        return self.resource.get("service.name", "")

    @property
    def method(self):
        return self.attributes.get("http.request.method", "")

    @property
    def code(self):
        return self.attributes.get("http.response.status_code")

    @property
    def correlation(self):
        return self.attributes.get("weft.correlation", "")

    @property
    def incomplete(self):
        return self.attributes.get("weft.incomplete", False)

    @property
    def path(self):
        if "url.path" in self.attributes:
            return self.attributes["url.path"]
        return urllib.parse.urlsplit(self.attributes.get("url.full", "")).path

    @property
    def is_server(self):
        return self.kind == SERVER

    @property
    def is_client(self):
        return self.kind == CLIENT

    def __str__(self):
        kind = {SERVER: "SERVER", CLIENT: "CLIENT"}.get(self.kind, str(self.kind))
        return (f"{kind} {self.service}[{self.pid}] {self.method} {self.path} {self.code}"
                f" {self.trace_id[:6]}…/{self.span_id} parent={self.parent_id or '-'}"
                f" {self.correlation}")


def value(any_value):
    """A plain Python value of an OTLP AnyValue."""
    for key, inner in any_value.items():
        if key == "intValue":
            return int(inner)
        if key == "arrayValue":
            return [value(v) for v in inner.get("values", [])]
        if key == "kvlistValue":
            return attributes(inner.get("values", []))
        return inner
    return None


def attributes(pairs):
    return {pair["key"]: value(pair.get("value", {})) for pair in pairs}


def _number(raw, names):
    return names[raw] if isinstance(raw, str) else int(raw)


def parse_request(request):
    """Spans of one ExportTraceServiceRequest."""
    spans = []
    for resource_spans in request.get("resourceSpans", []):
        resource = attributes(resource_spans.get("resource", {}).get("attributes", []))
        for scope_spans in resource_spans.get("scopeSpans", []):
            spans += [_span(raw, resource) for raw in scope_spans.get("spans", [])]
    return spans


def _span(raw, resource):
    return Span(trace_id=raw["traceId"], span_id=raw["spanId"],
                parent_id=raw.get("parentSpanId", ""), name=raw.get("name", ""),
                kind=_number(raw.get("kind", 0), _KINDS), start=int(raw["startTimeUnixNano"]),
                end=int(raw["endTimeUnixNano"]),
                status=_number(raw.get("status", {}).get("code", 0), _STATUS),
                attributes=attributes(raw.get("attributes", [])), resource=resource,
                links=raw.get("links", []), trace_state=raw.get("traceState", ""),
                flags=int(raw.get("flags", 0)), events=raw.get("events", []))


class SpanLog:
    """Follows a file of OTLP JSON lines; a line that is not complete yet is left for later."""

    def __init__(self, path):
        self._path = path
        self._offset = 0
        self.spans = []

    def read(self):
        """Takes what is new; returns all spans so far."""
        try:
            with open(self._path, "rb") as f:
                f.seek(self._offset)
                data = f.read()
        except FileNotFoundError:
            return self.spans
        complete = data[:data.rfind(b"\n") + 1]
        self._offset += len(complete)
        for line in complete.splitlines():
            if line.strip():
                self.spans += parse_request(json.loads(line))
        return self.spans


class Index:
    """Spans by id and path."""

    def __init__(self, spans):
        self.spans = list(spans)
        self.by_id = {span.span_id: span for span in self.spans}
        self.by_path = {}
        for span in self.spans:
            self.by_path.setdefault(span.path, []).append(span)

    def at(self, path, kind=None, pids=None):
        """Spans of a path, optionally of one kind and of some processes."""
        return [span for span in self.by_path.get(path, [])
                if (kind is None or span.kind == kind) and (pids is None or span.pid in pids)]

    def parent(self, span):
        return self.by_id.get(span.parent_id)

    def duplicates(self):
        """Span ids that occur more than once."""
        seen, twice = set(), set()
        for span in self.spans:
            (twice if span.span_id in seen else seen).add(span.span_id)
        return twice


def tree(spans):
    """Text lines of the traces' shapes, for messages."""
    index = Index(spans)
    below = {}
    for span in sorted(spans, key=lambda s: s.start):
        key = span.parent_id if span.parent_id in index.by_id else ""
        below.setdefault(key, []).append(span)
    lines = []

    def walk(key, depth):
        for span in below.get(key, []):
            lines.append("  " * depth + str(span))
            walk(span.span_id, depth + 1)

    walk("", 0)
    return lines
