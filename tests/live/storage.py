#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Cases on real storage engines, tested by what those count themselves: storage.py [NAME…];
--list prints their names."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[0] / "support" / "py")]
from weft_harness import case_main  # noqa: E402
import storage  # noqa: E402,F401

if __name__ == "__main__":
    sys.exit(case_main.main(__doc__))
