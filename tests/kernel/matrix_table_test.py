#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The kernel matrix fails when, and only when, something that must work does not."""
import json
import pathlib
import tempfile
import unittest

import matrix_table

GOOD = {"loads": True, "attaches": True, "chain": True, "detail": []}
REFUSED = {"loads": False, "attaches": None, "chain": None, "detail": ["exit 7"]}
WRONG = {"loads": True, "attaches": True, "chain": False, "detail": ["an orphan"]}


def faults(release, changes=None):
    results = {hook_type: GOOD for hook_type in matrix_table.HOOK_TYPES}
    results |= {"tests": {"exit": 0, "found": 3}, "boot": {"exit": 0, "release": release, "seconds": 9}}
    results |= changes or {}
    with tempfile.NamedTemporaryFile("w", suffix=".out") as f:
        f.writelines(f"result {name} {json.dumps(value)}\n" for name, value in results.items() if value)
        f.flush()
        return matrix_table.Kernel(pathlib.Path(f.name)).faults()


class Matrix(unittest.TestCase):
    def test_all_good(self):
        self.assertEqual(faults("6.12.95+deb12-amd64"), [])

    def test_tracepoint_hooks_may_be_refused_before_6_3(self):
        self.assertEqual(faults("6.1.0-56-amd64", {"tracepoint": REFUSED}), [])
        self.assertEqual(len(faults("6.12.95+deb12-amd64", {"tracepoint": REFUSED})), 1)

    def test_a_wrong_chain_is_a_fault_everywhere(self):
        self.assertEqual(len(faults("6.1.0-56-amd64", {"tracepoint": WRONG})), 1)
        self.assertEqual(len(faults("5.10.0-46-amd64", {"syscall": WRONG})), 1)

    def test_a_required_hook_type_may_not_be_refused(self):
        for hook_type in ("fentry", "kprobe", "syscall"):
            self.assertEqual(len(faults("5.10.0-46-amd64", {hook_type: REFUSED})), 1)

    def test_no_result_is_a_fault(self):
        self.assertEqual(len(faults("7.2.13+deb14-amd64", {"kprobe": None})), 1)
        self.assertEqual(len(faults("7.2.13+deb14-amd64", {"tests": None})), 1)

    def test_failed_or_absent_kernel_tests_are_a_fault(self):
        self.assertEqual(len(faults("6.1.0-56-amd64", {"tests": {"exit": 8, "found": 3}})), 1)
        self.assertEqual(len(faults("6.1.0-56-amd64", {"tests": {"exit": 0, "found": 0}})), 1)

    def test_a_guest_that_dies_is_a_fault(self):
        dead = {"exit": 125, "release": "6.1.0-56-amd64", "seconds": 9}
        self.assertEqual(len(faults("6.1.0-56-amd64", {"boot": dead})), 1)


if __name__ == "__main__":
    unittest.main()
