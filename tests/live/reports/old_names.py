# SPDX-License-Identifier: Apache-2.0
"""Old attribute names stand beside today's where they are asked for, on real requests."""
import json

from weft_harness import case, databases, otlp
from weft_harness.report import expect

_OPT_IN = {"OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup,database/dup"}


def _schemas(file):
    told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    groups = [group for request in told for group in request["resourceSpans"]]
    return {each.get("schemaUrl", "") for group in groups for each in [group, *group["scopeSpans"]]}


def _traced(c, **options):
    """The agent's spans of one HTTP request and one statement, by who: server, client, psql."""
    listener, server = c.server()
    database = databases.postgres(c.group)
    with c.agent(**options) as tracer:
        client = c.client(case.ask_all(listener, ["/old?a=1"]))
        database.query("select 42")
        tracer.wait_spans(lambda spans: any(s.service == "psql" for s in spans))
    spans = tracer.spans()
    return tracer, {"server": case.only(spans, otlp.SERVER, server).attributes,
                    "client": case.only(spans, otlp.CLIENT, client).attributes,
                    "psql": next(s.attributes for s in spans if s.service == "psql")}


@case.case
def old_names_beside_new(c):
    tracer, told = _traced(c, env=_OPT_IN)
    pairs = {"server": {"http.method": "http.request.method", "http.scheme": "url.scheme",
                        "http.status_code": "http.response.status_code",
                        "net.host.name": "server.address", "net.host.port": "server.port",
                        "http.flavor": "network.protocol.version"},
             "client": {"http.url": "url.full", "net.peer.name": "server.address",
                        "net.peer.port": "server.port", "net.sock.peer.port": "network.peer.port"},
             "psql": {"db.system": "db.system.name", "db.statement": "db.query.text",
                      "db.name": "db.namespace"}}
    for who, names in pairs.items():
        for before, now in names.items():
            value = told[who].get(now)
            expect(value is not None and told[who].get(before) == value,
                   f"{who}: {before} is {told[who].get(before)!r}, {now} is {value!r}")
    expect(told["server"].get("http.target") == "/old?a=1", told["server"])
    expect(_schemas(tracer.out) == {""}, "a schema is named, though none has both names")


@case.case
def no_old_names_unasked(c):
    tracer, told = _traced(c)
    old = [key for attributes in told.values() for key in attributes
           if key in ("http.method", "http.url", "http.target", "db.system", "db.statement")
           or key.startswith("net.")]
    expect(not old, f"told unasked: {old}")
    expect("" not in _schemas(tracer.out), "the schema is not named")
