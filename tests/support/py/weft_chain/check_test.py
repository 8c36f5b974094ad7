#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The chain's checker finds each fault it is there for."""
import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from weft_chain import check  # noqa: E402
from weft_chain.services import METHODS, status_of  # noqa: E402
from weft_harness import otlp  # noqa: E402

COUNT = 8


def right_spans():
    spans = []
    for number in range(COUNT):
        parent = ""
        for service, kind, prefix in check.LINKS:
            code = status_of(number)
            failed = code >= (400 if kind == otlp.CLIENT else 500)
            span_id = f"{len(spans) + 1:016x}"
            spans.append(otlp.Span(
                trace_id=f"{number + 1:032x}", span_id=span_id, parent_id=parent, name="n", kind=kind,
                start=1, end=2, status=otlp.ERROR if failed else otlp.UNSET,
                attributes={"http.request.method": METHODS[number % 4], "url.path": f"{prefix}{number}",
                            "http.response.status_code": code, "weft.correlation": "connection"},
                resource={"service.name": service}, links=[]))
            parent = span_id
    return spans


class ChainCheck(unittest.TestCase):
    def broken(self, change):
        spans = copy.deepcopy(right_spans())
        change(spans)
        return check.problems(spans, COUNT)

    def test_right_spans_pass(self):
        self.assertEqual(check.problems(right_spans(), COUNT), [])

    def test_spans_of_others_do_not_count(self):
        def change(spans):
            spans.append(copy.deepcopy(spans[0]))
            spans[-1].resource = {"service.name": "other"}
            spans[-1].span_id = "f" * 16
        self.assertEqual(self.broken(change), [])

    def test_each_fault_is_found(self):
        faults = {
            "missing": lambda s: s.pop(),
            "duplicate": lambda s: s.append(s[-1]),
            "kind": lambda s: setattr(s[1], "kind", otlp.CLIENT),
            "method": lambda s: s[0].attributes.update({"http.request.method": "PATCH"}),
            "path": lambda s: s[2].attributes.update({"url.path": "/b/77"}),
            "code": lambda s: s[3].attributes.update({"http.response.status_code": 201}),
            "code absent": lambda s: s[3].attributes.pop("http.response.status_code"),
            "status": lambda s: setattr(s[0], "status", otlp.ERROR),
            "times": lambda s: setattr(s[0], "end", 0),
            "orphan": lambda s: setattr(s[2], "parent_id", ""),
            "swapped parent": lambda s: setattr(s[6], "parent_id", s[1].span_id),
            "root has a parent": lambda s: setattr(s[0], "parent_id", s[4].span_id),
            "trace": lambda s: setattr(s[3], "trace_id", "e" * 32),
            "correlation": lambda s: s[1].attributes.pop("weft.correlation"),
        }
        for name, change in faults.items():
            with self.subTest(name):
                self.assertNotEqual(self.broken(change), [])


if __name__ == "__main__":
    unittest.main()
