# SPDX-License-Identifier: Apache-2.0
"""What the host does that nobody asked to have traced."""
import pathlib
import subprocess

from weft_harness import procs, programs
from measure import Load
from worker import Worker

HERE = pathlib.Path(__file__).resolve().parent
RATE = 5000  # processes a second


class ForkStorm(Worker):
    """Processes that end at once and move no byte: a request is one of them."""

    def load(self, seconds):
        said = self.ask(seconds).split()
        if len(said) != 3:
            raise RuntimeError(procs.tail(self.proc))
        return Load(int(said[0]), float(said[1]), float(said[2]), 0)


def fork_storm(group):
    binary = programs.build_c(HERE / "fork_storm.c", group.work / "fork_storm", "-static")
    return ForkStorm(group.start([binary, RATE], name="fork_storm", stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE))
