#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""summary.py FOLDER: adds up the results of a test run and ends with one line,
"N passed, N failed, N skipped". Exit code 1 when a test failed or none ran.

Reads ctest's JUnit reports (*.xml) and outcome files (*.tsv: outcome, name, reason).
A test of many cases may print "SKIP <case>: <reason>" lines of its own: each counts as
one skipped test beside the test's own outcome."""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

OUTCOMES = ("passed", "failed", "skipped")


def skip_reason(output):
    """The test's own words: the line GoogleTest or a script printed, else ctest's."""
    gtest = re.search(r"^\S+:\d+: Skipped\n(.+)$", output, re.MULTILINE)
    plain = re.search(r"^SKIP(?:PED)?:? +(.+)$", output, re.MULTILINE)
    found = gtest or plain
    return found.group(1).strip() if found else "no reason given"


def own_skips(output):
    for line in re.findall(r"^SKIP (.+: .+)$", output, re.MULTILINE):
        name, reason = line.split(": ", 1)
        yield "skipped", name, reason


def from_case(group, case):
    name = f"{group}: {case.get('name')}"
    output = case.findtext("system-out") or ""
    failure = case.find("failure")
    if case.get("status") == "fail" or failure is not None:
        yield "failed", name, failure.get("message", "") if failure is not None else ""
    elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        message = case.find("skipped").get("message", "") if case.find("skipped") is not None else ""
        missing = "Required Files Missing" in message or "Unable to find" in message
        yield ("failed", name, message) if missing else ("skipped", name, skip_reason(output))
        return
    else:
        yield "passed", name, ""
    yield from own_skips(output)


def from_report(path):
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        yield "failed", path.stem, f"unreadable report: {error}"
        return
    for case in root.iter("testcase"):
        yield from from_case(path.stem, case)


def from_lines(path):
    for line in path.read_text().splitlines():
        outcome, name, reason = (line.split("\t") + ["", ""])[:3]
        yield (outcome, name, reason) if outcome in OUTCOMES else ("failed", path.name, line)


def main(folder):
    results = []
    for path in sorted(pathlib.Path(folder).iterdir()):
        results += from_report(path) if path.suffix == ".xml" else from_lines(path)
    for wanted in ("skipped", "failed"):
        for outcome, name, reason in results:
            if outcome == wanted:
                print(f"{wanted}: {name}: {reason}")
    counts = {wanted: sum(r[0] == wanted for r in results) for wanted in OUTCOMES}
    print(", ".join(f"{counts[wanted]} {wanted}" for wanted in OUTCOMES))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
