# SPDX-License-Identifier: Apache-2.0
"""The same server, watched with the agent's default budget instead of none."""
SUFFIX = "@budget"


SETTLES = 3  # seconds of load until the agent keeps within its budget


class Budgeted:
    """A scenario's server (scenarios.py)."""
    budget = None  # the agent's default

    def __init__(self, server):
        self._server = server

    def prepare(self):
        self._server.prepare()
        self._server.load(SETTLES)

    def __getattr__(self, name):
        return getattr(self._server, name)
