# SPDX-License-Identifier: Apache-2.0
"""What a live test prints: one PASS / FAIL / SKIP line a subject, and the exit code."""
import os
import sys

SKIPPED = 77  # CTest's SKIP_RETURN_CODE


class Skip(Exception):
    """The subject cannot be had here; the text says why."""


class Failure(Exception):
    """The subject misbehaved; the text says how."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


class Report:
    def __init__(self, most_shown=8):
        self.passed = self.failed = self.skipped = 0
        self._most_shown = most_shown

    def passes(self, name, note=""):
        self.passed += 1
        _say("PASS", name, note)

    def skips(self, name, reason):
        self.skipped += 1
        _say("SKIP", name, reason)

    def fails(self, name, reasons):
        """reasons: one text or many; only the first few of many are shown."""
        self.failed += 1
        reasons = [reasons] if isinstance(reasons, str) else list(reasons)
        _say("FAIL", name, reasons[0])
        for reason in reasons[1:self._most_shown]:
            print(f"       {reason}", flush=True)
        if len(reasons) > self._most_shown:
            print(f"       … and {len(reasons) - self._most_shown} more", flush=True)

    def result(self, name, problems, note=""):
        if problems:
            self.fails(name, problems)
        else:
            self.passes(name, note)

    def exit_code(self):
        """0 all that ran passed, 1 something failed, 77 nothing could run."""
        if self.failed:
            return 1
        return 0 if self.passed else SKIPPED


def _say(word, name, note):
    print(f"{word} {name}" + (f": {note}" if note else ""), flush=True)


def need_root():
    if os.geteuid() != 0:
        print("SKIP all: needs root to load BPF programs", flush=True)
        sys.exit(SKIPPED)


def need_agent(weft):
    if not os.access(weft, os.X_OK):
        print(f"SKIP all: no agent at {weft}; build it first", flush=True)
        sys.exit(SKIPPED)
