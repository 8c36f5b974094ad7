# SPDX-License-Identifier: Apache-2.0
"""Grafana Tempo, and the Prometheus that its metrics generator writes to:

    with Prometheus() as prometheus, Tempo(prometheus) as tempo:
        tempo.trace(trace_id, n)   tempo.search(traceql)   prometheus.query(promql)
"""
import urllib.parse

import spans as normal
from backend import HERE, Backend, fetch


class Prometheus(Backend):
    """A real one, that takes what is written to it."""
    name = "prometheus"
    ports = ("QUERY_PORT",)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.environment['QUERY_PORT']}"

    def command(self):
        return [self.binary, f"--config.file={HERE / self.name / 'config.yaml'}",
                f"--storage.tsdb.path={self.folder / 'data'}", "--web.enable-remote-write-receiver",
                f"--web.listen-address={self.url.removeprefix('http://')}"]

    def ready(self):
        super().ready()
        return fetch(f"{self.url}/-/ready") is not None

    def query(self, promql):
        """(labels, value) of every series that the expression gives now."""
        answer = self.get(f"/api/v1/query?query={urllib.parse.quote(promql)}")
        return [(series["metric"], float(series["value"][1])) for series in answer["data"]["result"]]


class Tempo(Backend):
    """Tempo in one process: OTLP in, TraceQL and generated metrics out."""
    name = "tempo"
    ports = ("GRPC_PORT", "HTTP_PORT", "QUERY_PORT", "OWN_GRPC_PORT")

    def __init__(self, prometheus):
        super().__init__()
        self.environment["REMOTE_WRITE"] = f"{prometheus.url}/api/v1/write"

    def command(self):
        return [self.binary, f"-config.file={HERE / self.name / 'config.yaml'}", "-config.expand-env=true"]

    def ready(self):
        super().ready()
        return fetch(f"http://127.0.0.1:{self.environment['QUERY_PORT']}/ready") is not None

    def read(self, trace_id):
        answer = self.get(f"/api/v2/traces/{trace_id}", {"Accept": "application/json"})
        return normal.of_otlp(answer.get("trace", {}))

    def search(self, traceql):
        """The ids of the spans it finds, by trace id."""
        found = self.get(f"/api/search?limit=100&spss=100&q={urllib.parse.quote(traceql)}").get("traces", [])
        return {trace["traceID"].zfill(32): {span["spanID"].zfill(16) for group in trace["spanSets"]
                                             for span in group["spans"]} for trace in found}
