#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes demo.weft anew: the demo's services, a few requests, recorded and redacted.

Needs root. Afterwards: UPDATE_GOLDEN=1 replay_test.py --weft … to renew the golden file."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support" / "py"), str(HERE.parent / "support" / "demo")]
from weft_harness import agent, cli, procs  # noqa: E402
import services  # noqa: E402


def main():
    args = cli.parser(__doc__).parse_args()
    # The recording says where the database's log lies.
    with procs.Group(folder="/srv/shop") as group:
        running = services.Services(group)
        targets = ["--exe", "*/curl"]
        for pid in running.pids():
            targets += ["--pid", pid]
        with agent.Recording(group, args.weft, targets, HERE / "demo.weft"):
            for method, path in (("POST", "/orders?book=1"), ("GET", "/orders"),
                                 ("POST", "/orders?book=9")):
                running.curl(method, path)


if __name__ == "__main__":
    main()
