# SPDX-License-Identifier: Apache-2.0
"""The harness itself: it must see what is wrong. Spans here are made up."""
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from weft_harness import agent, checks, invariants, parent_links, otlp, procs, report  # noqa: E402

LOADER, FRONT, MIDDLE, BACK = 10, 20, 30, 40


def raw(span_id, parent, kind, pid, path, status=200):
    """One ExportTraceServiceRequest with a single span."""
    key = "url.path" if kind == otlp.SERVER else "url.full"
    target = path if kind == otlp.SERVER else f"http://127.0.0.1:80{path}"
    attributes = [("http.request.method", {"stringValue": "GET"}), (key, {"stringValue": target}),
                  ("http.response.status_code", {"intValue": str(status)})]
    attributes += [("weft.correlation", {"stringValue": "connection"})] if parent else []
    return {"resourceSpans": [{
        "resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": f"s{pid}"}},
            {"key": "process.pid", "value": {"intValue": str(pid)}}]},
        "scopeSpans": [{"spans": [{
            "traceId": "ab" * 16, "spanId": span_id, "parentSpanId": parent, "name": "GET",
            "kind": kind, "startTimeUnixNano": "1000", "endTimeUnixNano": "2000",
            "attributes": [{"key": k, "value": v} for k, v in attributes]}]}]}]}


def chain(number):
    """The six spans of one request, all right; ids are number + place."""
    places = [(otlp.CLIENT, LOADER), (otlp.SERVER, FRONT), (otlp.CLIENT, FRONT),
              (otlp.SERVER, MIDDLE), (otlp.CLIENT, MIDDLE), (otlp.SERVER, BACK)]
    spans = []
    for place, (kind, pid) in enumerate(places):
        parent = f"{number}-{place - 1}" if place else ""
        spans += otlp.parse_request(raw(f"{number}-{place}", parent, kind, pid, f"/c/{number}"))
    return spans


def checked(spans, paths=("/c/1", "/c/2")):
    return parent_links.check_chain(otlp.Index(spans), paths, LOADER, [{FRONT}, {MIDDLE}, {BACK}])


class LinksOfAChain(unittest.TestCase):
    def test_right(self):
        tally = checked(chain(1) + chain(2))
        self.assertEqual((tally.right, tally.wrong, tally.orphan, tally.problems), (2, 0, 0, []))

    def test_parent_of_another_request_is_wrong(self):
        spans = chain(1) + chain(2)
        spans[2].parent_id = "2-1"
        tally = checked(spans)
        self.assertEqual((tally.right, tally.wrong), (1, 1))
        self.assertTrue(tally.examples)

    def test_parent_that_is_no_span_is_wrong(self):
        spans = chain(1)
        spans[3].parent_id = "nothing"
        self.assertEqual(checked(spans, ["/c/1"]).wrong, 1)

    def test_parent_in_another_trace_is_wrong(self):
        spans = chain(1)
        spans[2].trace_id = "cd" * 16
        self.assertEqual(checked(spans, ["/c/1"]).wrong, 1)

    def test_orphan(self):
        spans = chain(1)
        spans[2].parent_id = ""
        tally = checked(spans, ["/c/1"])
        self.assertEqual((tally.orphan, tally.unjoined), (1, 0))

    def test_server_span_without_its_client(self):
        spans = chain(1)
        spans[3].parent_id = ""
        self.assertEqual(checked(spans, ["/c/1"]).unjoined, 1)

    def test_missing_and_double_spans_are_told(self):
        spans = chain(1)
        self.assertTrue(checked(spans[:-1], ["/c/1"]).problems)
        self.assertTrue(checked(spans + spans[-1:], ["/c/1"]).problems)

    def test_poll_with_a_parent_is_wrong(self):
        poll = otlp.parse_request(raw("p", "1-1", otlp.CLIENT, FRONT, "/poll/1"))
        tally = parent_links.Tally()
        parent_links.check_polls(otlp.Index(chain(1) + poll), tally, {FRONT})
        self.assertEqual(tally.wrong, 1)


class Checks(unittest.TestCase):
    def span(self, kind, code, **changes):
        span = otlp.parse_request(raw("1", "", kind, FRONT, "/x", code))[0]
        span.attributes.update({"server.port": 80, "url.scheme": "http", "network.peer.port": 80})
        for key, value in changes.items():
            setattr(span, key, value)
        return span

    def test_good(self):
        self.assertEqual(checks.server_span(self.span(otlp.SERVER, 404), "GET", 404, 80), [])
        self.assertEqual(checks.client_span(self.span(otlp.CLIENT, 200), "GET", 200, 80), [])

    def test_each_fault_is_seen(self):
        good = {"method": "GET", "status": 200, "port": 80}
        for fault in ({"method": "PUT"}, {"status": 201}, {"port": 81}):
            self.assertTrue(checks.server_span(self.span(otlp.SERVER, 200), **good | fault), fault)
        for change in ({"name": "x"}, {"end": 1}, {"status": otlp.ERROR}, {"resource": {}},
                       {"parent_id": "2"}):
            span = self.span(otlp.SERVER, 200, **change)
            self.assertTrue(checks.server_span(span, **good), change)

    def test_client_error_status(self):
        span = self.span(otlp.CLIENT, 404)
        self.assertTrue(checks.client_span(span, "GET", 404, 80))
        span.status, span.attributes["error.type"] = otlp.ERROR, "404"
        self.assertEqual(checks.client_span(span, "GET", 404, 80), [])


class Invariants(unittest.TestCase):
    """Each check sees its fault in a chain of six spans that is right otherwise."""

    def setUp(self):
        self.spans = chain(1)
        self.server, self.client = self.spans[1], self.spans[2]
        self.client.attributes["weft.correlation"] = "thread"

    def expect(self, *checks_that_see_it):
        found = {name for name, check in invariants.CHECKS.items()
                 if list(check(otlp.Index(self.spans)))}
        self.assertEqual(found, set(checks_that_see_it))
        self.assertEqual(bool(invariants.problems(self.spans)), bool(found))
        self.assertEqual(invariants.problems(self.spans, found), [])

    def test_right(self):
        self.expect()

    def test_an_id_twice(self):
        self.spans += otlp.parse_request(raw("1-0", "", otlp.CLIENT, LOADER, "/x"))
        self.expect("unique_ids")

    def test_a_parent_that_is_no_span(self):
        self.server.parent_id = "nothing"
        self.expect("parents_exist")
        self.server.attributes["weft.correlation"] = "header"
        self.expect()

    def test_a_parent_without_a_word_on_how(self):
        self.server.parent_id = "nothing"
        del self.server.attributes["weft.correlation"]
        self.expect("parents_exist")

    def test_a_loop(self):
        self.spans[0].parent_id = "1-3"
        self.expect("no_loops")

    def test_another_trace(self):
        self.spans[-1].trace_id = "cd" * 16
        self.expect("one_trace")

    def test_links(self):
        self.spans[5].links = [{"traceId": "ab" * 16, "spanId": "1-0"}]
        self.expect()
        for lost in ({"traceId": "cd" * 16, "spanId": "1-0"}, {"traceId": "ab" * 16, "spanId": "x"}):
            self.spans[5].links = [lost]
            self.expect("links_exist")

    def test_a_server_outside_its_client(self):
        self.spans[0].start += 2 * invariants.SLACK
        self.expect("within_the_client")
        self.spans[0].start = self.server.start
        self.server.end += 2 * invariants.SLACK
        self.expect("within_the_client")
        self.spans[0].status = otlp.ERROR  # it gave up
        self.expect()

    def test_a_child_before_its_parent(self):
        self.client.start -= 2 * invariants.MS
        self.expect("begins_after_its_parent")

    def test_an_unknown_exception(self):
        self.assertRaises(ValueError, invariants.problems, self.spans, {"nonsense": "why"})

    def test_the_agent_fails_a_run_that_went_well(self):
        with procs.Group("harness-test") as group:
            tracer = agent.Agent(group, "/bin/true")
            self.spans[1].parent_id = "nothing"
            tracer.log.spans = self.spans
            self.assertRaises(report.Failure, tracer.__exit__, None, None, None)
            tracer.__exit__(ValueError, None, None)  # the first failure is the one to tell
            tracer.except_for = {"parents_exist": "it is a test"}
            tracer.__exit__(None, None, None)


class Log(unittest.TestCase):
    def test_a_torn_line_waits(self):
        with tempfile.NamedTemporaryFile("w") as file:
            log = otlp.SpanLog(file.name)
            line = json.dumps(raw("1", "", otlp.SERVER, FRONT, "/x"))
            file.write(line + "\n" + line[:30])
            file.flush()
            self.assertEqual(len(log.read()), 1)
            file.write(line[30:] + "\n")
            file.flush()
            self.assertEqual(len(log.read()), 2)


class Processes(unittest.TestCase):
    def test_group_ends_what_it_started(self):
        with procs.Group("harness-test") as group:
            proc = group.start(["sleep", "600"])
            child = group.fork(lambda: procs.wait_until(lambda: False, 600))
        self.assertFalse(group.work.exists())
        self.assertIsNotNone(proc.poll())
        self.assertRaises(ProcessLookupError, os.kill, child, 0)


if __name__ == "__main__":
    unittest.main()
