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


class Recording(agent.Agent):
    """`weft record` instead of `weft run`."""

    def launch(self):
        self.admin_port = procs.free_port()
        argv = [self.weft, "record", HERE / "demo.weft", "--exporter", "null",
                "--admin", f"127.0.0.1:{self.admin_port}", *self.flags]
        self.proc = self.group.start(argv, name=self.name)


def main():
    args = cli.parser(__doc__).parse_args()
    # The recording says where the database's log lies.
    with procs.Group(folder="/srv/shop") as group:
        running = services.Services(group)
        targets = ["--exe", "*/curl"]
        for pid in running.pids():
            targets += ["--pid", pid]
        with Recording(group, args.weft, targets):
            for method, path in (("POST", "/orders?book=1"), ("GET", "/orders"),
                                 ("POST", "/orders?book=9")):
                running.curl(method, path)


if __name__ == "__main__":
    main()
