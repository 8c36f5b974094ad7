# SPDX-License-Identifier: Apache-2.0
"""The same server at a fixed rate, a quarter of what it can do: a closed loop amplifies what the
agent costs, and users do not run at saturation."""
import pathlib
import subprocess

from weft_harness import programs
from measure import Load
from worker import Worker

HERE = pathlib.Path(__file__).resolve().parent
SUFFIX = "@quarter"


class Generator(Worker):
    """Requests of the same bytes on connections of its own, which stay open until end()."""

    def run(self, rate, seconds):
        """So many a second: measure.Load."""
        count, lasted, p99 = map(float, self.ask(rate, seconds).split())
        return Load(int(count), lasted, p99, 0)

    def end(self):
        self.proc.stdin.close()
        self.proc.wait()


def generator(group, port, connections, request):
    binary = group.work / "paced"
    if not binary.exists():
        programs.build_c(HERE / "paced.c", binary)
    return Generator(group.start([binary, port, connections, request], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE))


def requests(group, port, connections, request, rate, seconds):
    """Load of connections that are opened for it."""
    of_run = generator(group, port, connections, request)
    load = of_run.run(rate, seconds)
    of_run.end()
    return load


class Quarter:
    """A scenario's server (scenarios.py), which has besides
    paced(seconds, rate)  load of so many requests a second"""

    def __init__(self, server):
        self._server = server
        self._rate = 0

    def load(self, seconds):
        """The first one says what the server can do."""
        if not self._rate:
            full = self._server.load(seconds)
            self._rate = full.rate / 4
            return full
        return self._server.paced(seconds, self._rate)

    def __getattr__(self, name):
        return getattr(self._server, name)
