# SPDX-License-Identifier: Apache-2.0
"""Not every trace is kept: those that are, are whole, and all requests are counted."""
import collections
import re

from weft_harness import case, otlp, procs, wire
from weft_harness.case import expect

REQUESTS = 600
RATIO = 0.25
# Client, proxy (both ends) and backend: the spans of one trace.
WHOLE = 4
COUNT = re.compile(r'^weft_request_duration_seconds_count\{(.*)\} (\d+)$', re.M)
LABEL = re.compile(r'(\w+)="([^"]*)"')


def _status_of(path):
    return 503 if path.endswith("7") else 200


def _backend(conn):
    reader = wire.Reader(conn)
    while message := reader.message():
        conn.sendall(wire.response_bytes(status=_status_of(message[0].split()[1])))


def _proxy_to(backend):
    def handle(conn):
        with wire.connect(backend) as upstream:
            reader, answers = wire.Reader(conn), wire.Reader(upstream)
            while message := reader.message():
                upstream.sendall(wire.request_bytes(message[0].split()[1]))
                conn.sendall(wire.response_bytes(status=wire.answered(answers)[0]))
    return handle


def _ask_all(listener, headers=()):
    def work():
        with wire.connect(listener) as conn:
            for number in range(REQUESTS):
                path = f"/r/{number}"
                if wire.ask(conn, path, headers=headers)[0] != _status_of(path):
                    return 1
        return 0
    return work


def _counted(tracer):
    """{(port, kind): {status: requests}} of the agent's metrics."""
    out = collections.defaultdict(collections.Counter)
    for labels, count in COUNT.findall(tracer.get("/metrics")[1]):
        of = dict(LABEL.findall(labels))
        out[int(of["server_port"]), of["span_kind"]][of["status"]] += int(count)
    return out


def _requests(tracer):
    return sum(sum(by_status.values()) for by_status in _counted(tracer).values())


def _sampled(c):
    # The whole host: on a busy machine the default would be another limit.
    return c.agent(budget="100%", env={"OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
                                     "OTEL_TRACES_SAMPLER_ARG": str(RATIO)})


def _expect_counts(tracer, *listeners):
    wanted = collections.Counter(f"{_status_of(f'/r/{n}') // 100}xx" for n in range(REQUESTS))
    counted = _counted(tracer)
    for listener in listeners:
        for kind in ("server", "client"):
            found = counted[listener.getsockname()[1], kind]
            expect(found == wanted, f"{kind}: {dict(found)} counted instead of {dict(wanted)}")


@case.case
def traces_are_whole_or_absent(c):
    """A chain of three, a quarter of its traces kept, and their spans say what they stand for."""
    with _sampled(c) as tracer:
        backend, _ = c.server(_backend)
        proxy, _ = c.server(_proxy_to(backend))
        c.client(_ask_all(proxy))
        procs.wait_until(lambda: _requests(tracer) == 4 * REQUESTS, 5)
        _expect_counts(tracer, proxy, backend)
        left_out = tracer.counter("weft.exchanges.left_out")
    traces = collections.Counter(span.trace_id for span in tracer.spans())
    expect(set(traces.values()) == {WHOLE}, f"traces of {sorted(set(traces.values()))} spans")
    share = len(traces) / REQUESTS
    expect(abs(share - RATIO) < 0.1, f"{share:.2f} of the traces are kept instead of {RATIO}")
    expect(left_out > REQUESTS, f"only {left_out} requests were left out in the kernel")
    states = {span.trace_state for span in tracer.spans()}
    expect(states == {"ot=th:c"}, f"trace states {states}")


@case.case
def what_others_have_sampled_is_kept(c):
    """Requests that carry a sampled context, with a sampler that keeps a quarter of the others."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    with _sampled(c) as tracer:
        backend, pid = c.server(_backend)
        c.client(_ask_all(backend, headers=[f"traceparent: 00-{trace}-b7ad6b7169203331-01"]))
    served = [s for s in tracer.spans() if s.kind == otlp.SERVER and s.pid == pid]
    expect(len(served) == REQUESTS, f"{len(served)} server spans instead of {REQUESTS}")
    expect({s.trace_id for s in served} == {trace}, "another trace")
