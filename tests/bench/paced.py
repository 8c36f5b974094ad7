# SPDX-License-Identifier: Apache-2.0
"""The same server at a fixed rate, a quarter of what it can do: a closed loop amplifies what the
agent costs, and users do not run at saturation."""
import pathlib
import subprocess

from weft_harness import programs
from measure import Load

HERE = pathlib.Path(__file__).resolve().parent
SUFFIX = "@quarter"


def requests(group, port, connections, request, rate, seconds):
    """The bytes of a request, `rate` times a second."""
    binary = group.work / "paced"
    if not binary.exists():
        programs.build_c(HERE / "paced.c", binary)
    argv = [str(a) for a in (binary, port, connections, rate, seconds)]
    done = subprocess.run(argv, input=request, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"paced: exit code {done.returncode}")
    count, lasted, p99 = map(float, done.stdout.split())
    return Load(int(count), lasted, p99, 0)


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
