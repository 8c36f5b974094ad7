# SPDX-License-Identifier: Apache-2.0
"""What the host does that nobody asked to have traced."""
import pathlib
import subprocess
import time

from weft_harness import procs, programs
from measure import Load
from worker import Worker

HERE = pathlib.Path(__file__).resolve().parent
RATE = 5000  # processes a second
PROCESSES = 1000
_SLEEPERS = "trap 'trap - TERM; kill 0' TERM; for _ in $(seq {}); do sleep infinity & done; wait"


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


class Idle(Worker):
    """Processes that only sleep: there is no request, and no load but the time."""

    def prepare(self):
        """What an agent does with the processes it finds at its start is not of that time."""
        time.sleep(3)

    def load(self, seconds):
        time.sleep(seconds)
        return Load(0, seconds, 0, 0)


def idle_1000(group):
    proc = group.start(["sh", "-c", _SLEEPERS.format(PROCESSES)], name="idle")
    if not procs.wait_until(lambda: len(procs.children(proc.pid)) == PROCESSES, 30):
        raise RuntimeError(procs.tail(proc))
    return Idle(proc)
