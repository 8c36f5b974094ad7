#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""summary.py FOLDER: adds up the results of a test run and ends with one line,
"N passed, N failed, N skipped". Exit code 1 when a test failed or none ran.

Reads ctest's JUnit reports (*.xml), outcome files (*.tsv: outcome, name, reason) and what else
took its time (*.seconds: seconds, name).
A test of many subjects prints one "PASS|FAIL|SKIP <subject>: <note>" line for each:
these are its results then.

GROUP.again.xml: the tests of GROUP.xml that failed, run a second time, alone. One that passes then
counts as passed and is named as unsteady, with what it said at first."""
import pathlib
import re
import sys
import textwrap
import xml.etree.ElementTree as ElementTree

OUTCOMES = ("passed", "failed", "skipped")
SLOWEST = 25  # lines of the table
OF_WORD = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}


def skip_reason(output):
    """The test's own words: the line GoogleTest or a script printed, else ctest's."""
    gtest = re.search(r"^\S+:\d+: Skipped\n(.+)$", output, re.MULTILINE)
    plain = re.search(r"^SKIP(?:PED)?:? +(.+)$", output, re.MULTILINE)
    found = gtest or plain
    return found.group(1).strip() if found else "no reason given"


def subjects(name, output):
    """The lines of a test of many subjects; nothing for any other test."""
    for word, line in re.findall(r"^(PASS|FAIL|SKIP) (\S.*)$", output, re.MULTILINE):
        subject, _, note = line.partition(": ")
        if word == "SKIP" and not note.strip():
            yield "skipped", name, subject.rstrip(": ")
        else:
            yield OF_WORD[word], f"{name}: {subject}", note


def from_case(group, case):
    name = f"{group}: {case.get('name')}"
    output = case.findtext("system-out") or ""
    failure, skip = case.find("failure"), case.find("skipped")
    results = list(subjects(name, output))
    if failure is not None or case.get("status") == "fail":
        if not any(outcome == "failed" for outcome, _, _ in results):
            message = failure.get("message", "") if failure is not None else ""
            results.append(("failed", name, message or "see the log"))
    elif skip is not None or case.get("status") in ("notrun", "disabled"):
        message = skip.get("message", "") if skip is not None else ""
        if "Required Files Missing" in message or "Unable to find" in message:
            results = [("failed", name, message)]
        elif not results:
            results = [("skipped", name, skip_reason(output))]
    return results or [("passed", name, "")]


def from_report(path, again):
    """again: what the tests that failed did at their second run, by name."""
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        yield "failed", path.stem, f"unreadable report: {error}"
        return
    for case in root.iter("testcase"):
        first = from_case(path.stem, case)
        second = again.get(case.get("name"), [])
        if any(r[0] == "failed" for r in first) and second and all(r[0] != "failed" for r in second):
            yield from (("unsteady", name, reason) for outcome, name, reason in first if outcome == "failed")
            first = second
        yield from first


def second_runs(path):
    """The results of GROUP.again.xml by test; nothing where no test was run again."""
    again = path.with_suffix(".again.xml")
    try:
        cases = ElementTree.parse(again).getroot().iter("testcase") if again.exists() else ()
    except ElementTree.ParseError:
        cases = ()  # its tests stay failed
    return {case.get("name"): from_case(path.stem, case) for case in cases}


def from_lines(path):
    for line in path.read_text().splitlines():
        outcome, name, reason = (line.split("\t") + ["", ""])[:3]
        yield (outcome, name, reason) if outcome in OUTCOMES else ("failed", path.name, line)


def durations(path):
    """(seconds, name) of a file's tests or steps."""
    if path.suffix == ".seconds":
        for line in path.read_text().splitlines():
            seconds, _, name = line.partition("\t")
            yield float(seconds), name
    elif path.suffix == ".xml":
        try:
            for case in ElementTree.parse(path).getroot().iter("testcase"):
                yield float(case.get("time") or 0), f"{path.stem}: {case.get('name')}"
        except ElementTree.ParseError:
            pass  # from_report says so


def list_slowest(paths):
    """Steps of the run and tests in one table; what took less than a second is not of interest."""
    rows = sorted((row for path in paths for row in durations(path) if row[0] >= 1), reverse=True)[:SLOWEST]
    if rows:
        print("slowest, in seconds:")
    for seconds, name in rows:
        print(f"{seconds:8.1f}  {name}")


def list_skipped(results):
    """By reason: a machine that lacks one thing skips many tests."""
    names = {}
    for outcome, name, reason in results:
        if outcome == "skipped":
            names.setdefault(reason, []).append(name)
    for reason, skipped in names.items():
        print(f"skipped: {reason}")
        print(textwrap.fill(", ".join(skipped), 110, initial_indent="    ", subsequent_indent="    ",
                            break_long_words=False, break_on_hyphens=False))


def main(folder):
    results = []
    paths = sorted(p for p in pathlib.Path(folder).iterdir() if not p.name.endswith(".again.xml"))
    for path in paths:
        if path.suffix == ".xml":
            results += from_report(path, second_runs(path))
        elif path.suffix != ".seconds":
            results += from_lines(path)
    list_slowest(paths)
    list_skipped(results)
    for word, note in (("unsteady", " (passed when it was run again)"), ("failed", "")):
        for outcome, name, reason in results:
            if outcome == word:
                print(f"{word}: {name}: {reason}{note}")
    counts = {wanted: sum(r[0] == wanted for r in results) for wanted in OUTCOMES}
    print(", ".join(f"{counts[wanted]} {wanted}" for wanted in OUTCOMES))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
