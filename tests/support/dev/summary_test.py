#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What summary.py makes of the reports it reads."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import summary

REPORT = """<testsuite>
<testcase name="fine" status="run"><system-out>ok</system-out></testcase>
<testcase name="red" status="fail"><failure message="boo"/><system-out/></testcase>
<testcase name="late" status="fail"><failure message="Timeout"/><system-out>PASS a: 9 spans</system-out></testcase>
<testcase name="gtest" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
<system-out>/x/y_test.cpp:12: Skipped
no collector

[  SKIPPED ] X.y</system-out></testcase>
<testcase name="pairs" status="run"><system-out>PASS curl-nginx: 9 spans
SKIP node-axios: axios is not installed
PASS bare
</system-out></testcase>
<testcase name="gone" status="notrun"><skipped message="Unable to find required file"/></testcase>
</testsuite>"""


def summarise(**files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (pathlib.Path(folder) / name.replace("_", ".")).write_text(text)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = summary.main(folder)
    return code, out.getvalue().splitlines()


class SummaryTest(unittest.TestCase):
    def test_each_subject_of_a_report_counts_once(self):
        code, lines = summarise(live_xml=REPORT)
        self.assertEqual(lines, [
            "skipped: no collector",
            "    live: gtest",
            "skipped: axios is not installed",
            "    live: pairs: node-axios",
            "failed: live: red: boo",
            "failed: live: late: Timeout",
            "failed: live: gone: Unable to find required file",
            "4 passed, 3 failed, 2 skipped"])
        self.assertEqual(code, 1)

    def test_outcome_lines_are_added(self):
        code, lines = summarise(dev_tsv="passed\tfmt\t\nskipped\tlive\tneeds root\n")
        self.assertEqual(lines, ["skipped: needs root", "    live", "1 passed, 0 failed, 1 skipped"])
        self.assertEqual(code, 0)

    def test_steps_and_tests_are_told_by_how_long_they_took(self):
        report = ('<testsuite><testcase name="long" status="run" time="12.5"/>'
                  '<testcase name="short" status="run" time="0.2"/></testsuite>')
        code, lines = summarise(live_xml=report, dev_seconds="61\tbuild dev\n0\tgroup fmt\n")
        self.assertEqual(lines, ["slowest, in seconds:", "    61.0  build dev", "    12.5  live: long",
                                 "2 passed, 0 failed, 0 skipped"])
        self.assertEqual(code, 0)

    def test_what_passes_when_it_is_run_again_is_named(self):
        second = """<testsuite><testcase name="red" status="run"><system-out/></testcase>
            <testcase name="late" status="fail"><failure message="Timeout again"/></testcase></testsuite>"""
        code, lines = summarise(live_xml=REPORT, live_again_xml=second)
        self.assertEqual(lines[4:], [
            "unsteady: live: red: boo (passed when it was run again)",
            "failed: live: late: Timeout",
            "failed: live: gone: Unable to find required file",
            "5 passed, 2 failed, 2 skipped"])
        self.assertEqual(code, 1)
        self.assertEqual(summarise(live_xml=REPORT, live_again_xml="<testsuite>")[1][-1],
                         "4 passed, 3 failed, 2 skipped")

    def test_a_broken_report_or_no_result_at_all_is_a_failure(self):
        self.assertEqual(summarise(unit_xml="<testsuite>")[0], 1)
        self.assertEqual(summarise(), (1, ["0 passed, 0 failed, 0 skipped"]))


if __name__ == "__main__":
    unittest.main()
