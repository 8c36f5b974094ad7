# SPDX-License-Identifier: Apache-2.0
"""A load that is a process of its own: a line of seconds in, a line of what came of it out."""
import dataclasses

from weft_harness import procs


@dataclasses.dataclass
class Worker:
    """The process; what its line says is the load's own affair."""
    proc: object

    def pids(self):
        return [self.proc.pid]

    def targets(self):
        return []

    def prepare(self):
        """Nothing is left of the run before."""

    def ask(self, *numbers):
        """The line it answers with."""
        self.proc.stdin.write((" ".join(map(str, numbers)) + "\n").encode("ascii"))
        self.proc.stdin.flush()
        said = self.proc.stdout.readline()
        if not said:
            raise RuntimeError(procs.tail(self.proc))
        return said
