#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tempo_check.py tempo PROBE: what people use Tempo for, with spans of ours. They come back as
they were sent; TraceQL finds them by what they say; the metrics generator draws the edges of
its service graph from them. Exits 1 when something is wrong, 77 when there is no backend."""
import pathlib
import sys
import tempfile

import views
from backend import eventually, result
from compare_check import BATCHES, check, send
from tempo import Prometheus, Tempo

REQUESTS = "traces_service_graph_request_total"


def ways(tempo):
    for kind, url in (("otlp_http", tempo.http_url), ("otlp_grpc", tempo.grpc_url)):
        yield f"{kind} to Tempo", (kind, f"endpoint={url}"), views.as_otlp, tempo.trace


def check_queries(tempo, sent):
    """TraceQL, and the spans that it is to find."""
    queries = {
        "{ span.http.response.status_code >= 500 }": lambda s: s.attributes.get("http.response.status_code", 0) >= 500,
        "{ duration > 1s }": lambda s: s.duration > 1_000_000_000,
        "{ status = error && kind = server }": lambda s: s.status == "ERROR" and s.kind == "server",
        '{ resource.service.name = "shop" } >> { resource.service.name = "mail" }': lambda s: s.service == "mail",
    }
    for query, belongs in queries.items():
        wanted = {}
        for span in filter(belongs, sent):
            wanted.setdefault(span.trace, set()).add(span.id)

        def is_found(query=query, wanted=wanted):
            found = tempo.search(query)
            return all(found.get(trace) == ids for trace, ids in wanted.items())
        eventually(is_found, f"TraceQL finds exactly the spans: {query}")
        print(f"PASS {query}: {sum(map(len, wanted.values()))} spans in {len(wanted)} traces")


def check_graph(prometheus, sent_batches):
    """(client, server, connection type) of the edges, and how often each was gone."""
    edges = (("shop", "stock", ""), ("shop", "mail", "messaging_system"), ("shop", "fd00::17:5432", "database"))
    for client, server, kind in edges:
        series = f'{REQUESTS}{{client="{client}",server="{server}",connection_type="{kind}"}}'

        def is_counted(series=series):
            return any(value == sent_batches for _, value in prometheus.query(series))
        try:
            eventually(is_counted, f"{series} is {sent_batches}")
        except TimeoutError as error:
            raise AssertionError(f"{error}; there is {prometheus.query(REQUESTS)}") from error
        print(f"PASS edge {client} to {server} {kind}: {sent_batches} requests")


def main(probe):
    with Prometheus() as prometheus, Tempo(prometheus) as tempo, \
            tempfile.TemporaryDirectory(prefix="weft-tempo-") as folder:
        path = pathlib.Path(folder)
        check(ways(tempo), probe, path)
        _, sent = send(probe, ("otlp_http", f"endpoint={tempo.http_url}"), path)
        check_queries(tempo, sent)
        check_graph(prometheus, 3 * BATCHES)


if __name__ == "__main__":
    sys.exit(result(main, sys.argv[2]))
