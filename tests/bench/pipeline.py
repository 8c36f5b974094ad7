#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions per span of each recording in tests/replay, from its events to the null exporter.
--profiles keeps callgrind's output, for callgrind_annotate."""
import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support" / "py"))
from weft_harness import instructions, report  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weft", required=True, type=pathlib.Path)
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path)
    parser.add_argument("--profiles", metavar="FOLDER", type=pathlib.Path)
    args = parser.parse_args()
    if args.profiles:
        args.profiles.mkdir(parents=True, exist_ok=True)
    try:
        figures = instructions.per_span(args.weft, args.profiles)
    except report.Skip as reason:
        print(f"SKIP: {reason}")
        return report.SKIPPED
    for name, figure in figures.items():
        print(f"{name:24}{figure:8}")
    if args.json:
        out = {"instructions_per_span": figures}
        args.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
