#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions per span of each recording beside this file, compared with those in
instructions.txt: more than 5 % above is a failure. Figures hold for one compiler and C library, so
with others there is nothing to compare.

UPDATE_FIGURES=1 writes them instead."""
import argparse
import os
import pathlib
import platform
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support" / "py"))
from weft_harness import instructions, report  # noqa: E402

FIGURES = HERE / "instructions.txt"
ALLOWED = 1.05
HEAD = """# Instructions per span (tests/replay/instructions_test.py); `UPDATE_FIGURES=1 ctest -R
# replay.instructions` in the release build writes this file. The first line is what they hold for.
"""


def read():
    """(what the figures hold for, {recording: figure})"""
    lines = [line for line in FIGURES.read_text().splitlines() if not line.startswith("#")]
    return lines[0], {name: int(figure) for name, figure in map(str.split, lines[1:])}


def write(built_by, figures):
    rows = "".join(f"{name} {figure}\n" for name, figure in figures.items())
    FIGURES.write_text(f"{HEAD}{built_by}\n{rows}")
    print(f"WROTE {FIGURES.name}")


def compare(told, figures, expected):
    for name, figure in figures.items():
        if name not in expected:
            told.fails(name, f"{figure}, and no figure in {FIGURES.name}")
            continue
        ratio = figure / expected[name]
        too_many = [f"{ratio:.3f} of what {FIGURES.name} says"] if ratio > ALLOWED else []
        told.result(name, too_many, f"{figure}, {ratio:.3f} of before")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weft", required=True)
    parser.add_argument("--compiler", required=True, help="name and version")
    args = parser.parse_args()
    built_by = f"{args.compiler}, {' '.join(platform.libc_ver())}, {platform.machine()}"
    told = report.Report()
    try:
        if os.environ.get("UPDATE_FIGURES"):
            write(built_by, instructions.per_span(args.weft))
            return 0
        holds_for, expected = read()
        if holds_for != built_by:
            raise report.Skip(f"built by {built_by}; the figures hold for {holds_for}")
        compare(told, instructions.per_span(args.weft), expected)
    except report.Skip as reason:
        told.skips("instructions per span", reason)
    return told.exit_code()


if __name__ == "__main__":
    sys.exit(main())
