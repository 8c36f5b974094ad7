#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""From the guests' results to the table of dev test-kernels.

matrix_table.py [--quiet] FILE...   FILE: <kernel>.out, lines "result NAME json"
Exit code 0 when every hook type that the kernel must offer works and its tests pass.
"""
import json
import pathlib
import sys

HOOK_TYPES = ("fentry", "tracepoint", "kprobe", "syscall")
HEADER = f"{'kernel':10}{'release':24}{'hook type':12}{'loads':8}{'attaches':10}{'chain':8}"


def must_offer(release, hook_type):
    """sock_send_length and sock_recv_length came with 6.3; the rest is older than 5.10."""
    major, minor = (int(part) for part in release.split(".")[:2])
    return hook_type != "tracepoint" or (major, minor) >= (6, 3)


class Kernel:
    """One guest's results."""

    def __init__(self, path):
        self.name = pathlib.Path(path).name.removesuffix(".out")
        self.results = {}
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            words = line.split(" ", 2)
            if words[0] == "result" and len(words) == 3:
                self.results[words[1]] = json.loads(words[2])
        self.boot = self.results.get("boot", {"exit": -1, "release": "0.0", "seconds": 0})
        self.tests = self.results.get("tests", {"exit": -1, "found": 0})

    @property
    def release(self):
        return self.boot["release"]

    def refused(self, hook_type):
        """The agent said that the kernel does not offer the hook type."""
        return self.results.get(hook_type, {}).get("loads") is False

    def works(self, hook_type):
        return self.results.get(hook_type, {}).get("chain") is True

    def faults(self):
        found = []
        if self.boot["exit"] != 0:
            found.append(f"{self.name}: the guest ended with {self.boot['exit']}")
        if self.tests["exit"] != 0 or not self.tests["found"]:
            found.append(f"{self.name}: kernel tests: {self.tests}")
        for hook_type in HOOK_TYPES:
            if not self.works(hook_type) and (must_offer(self.release, hook_type) or not self.refused(hook_type)):
                detail = self.results.get(hook_type, {}).get("detail", ["no result"])
                found.append(f"{self.name} {hook_type}: " + "; ".join(detail[:3]))
        return found

    def rows(self):
        for hook_type in HOOK_TYPES:
            cells = [_word(self.results.get(hook_type, {}).get(key)) for key in ("loads", "attaches", "chain")]
            note = "" if must_offer(self.release, hook_type) else "not offered by this kernel"
            yield (f"{self.name:10}{self.release:24}{hook_type:12}{cells[0]:8}{cells[1]:10}{cells[2]:8}"
                   f"{note}").rstrip()


def _word(value):
    return {True: "yes", False: "no", None: "-"}[value]


def main(arguments):
    quiet = "--quiet" in arguments
    kernels = [Kernel(path) for path in arguments if path != "--quiet"]
    faults = [fault for kernel in kernels for fault in kernel.faults()]
    if not quiet:
        print(HEADER)
        for kernel in kernels:
            print(*kernel.rows(), sep="\n")
            print(f"{'':34}{kernel.tests['found']} kernel tests, exit {kernel.tests['exit']}; "
                  f"{kernel.boot['seconds']} s")
        print(*faults, sep="\n", end="\n" if faults else "")
        right = sum(kernel.works(hook_type) for kernel in kernels for hook_type in HOOK_TYPES)
        print(f"{len(kernels)} kernels: {right} hook types work, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
