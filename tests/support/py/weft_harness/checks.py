# SPDX-License-Identifier: Apache-2.0
"""What must hold of the spans of one HTTP request. Each check returns a list of problems."""
from . import otlp


def one(spans, what):
    """(the only span, problems)."""
    if len(spans) == 1:
        return spans[0], []
    return None, [f"{what}: {len(spans)} spans instead of 1"]


def server_span(span, method, status, port):
    """Semantic conventions of a SERVER span, as far as every server fulfils them."""
    wanted = {"http.request.method": method, "http.response.status_code": status,
              "url.scheme": "http", "server.port": port}
    failed = status >= 500  # a 4xx is the client's fault: unset on the server
    return _common(span, wanted, method) + _outcome(span, failed, status)


def client_span(span, method, status, port):
    wanted = {"http.request.method": method, "http.response.status_code": status,
              "server.port": port, "network.peer.port": port}
    return _common(span, wanted, method) + _outcome(span, status >= 400, status)


def _common(span, wanted, method):
    problems = [f"{span}: {key} is {span.attributes.get(key)!r}, not {value!r}"
                for key, value in wanted.items() if span.attributes.get(key) != value]
    if span.name != method:
        problems.append(f"{span}: name is {span.name!r}, not {method!r}")
    if not span.start <= span.end:
        problems.append(f"{span}: ends before it starts")
    if not span.service:
        problems.append(f"{span}: no service.name")
    if span.parent_id and not span.correlation:
        problems.append(f"{span}: a parent, but weft.correlation does not say how it was found")
    if not span.parent_id and span.correlation:
        problems.append(f"{span}: weft.correlation without a parent")
    return problems


def _outcome(span, failed, status):
    wanted = (otlp.ERROR, str(status)) if failed else (otlp.UNSET, None)
    found = (span.status, span.attributes.get("error.type"))
    return [] if found == wanted else [f"{span}: (status, error.type) is {found}, not {wanted}"]


def is_child(child, parent):
    """child's parent is `parent`, in one trace."""
    if child.parent_id == parent.span_id and child.trace_id == parent.trace_id:
        return []
    return [f"{child}: parent is not {parent}"]
