# SPDX-License-Identifier: Apache-2.0
"""What a process holds in the kernel, asked of bpftool."""
import json
import subprocess

from . import programs


def _show(kind):
    bpftool = programs.need("bpftool")
    done = subprocess.run([bpftool, "-j", kind, "show"], capture_output=True, text=True,
                          check=False)
    return json.loads(done.stdout or "[]") if done.returncode == 0 else []


def held_by(pid, kind):
    """Entries of `bpftool KIND show` ("prog", "map", "link") that the process holds open."""
    return [e for e in _show(kind) if pid in {owner.get("pid") for owner in e.get("pids", [])}]


def ids(kind):
    return {entry["id"] for entry in _show(kind)}


def map_bytes(pid):
    """Kernel memory of the process's maps, as the kernel accounts it."""
    return sum(int(entry.get("bytes_memlock", 0)) for entry in held_by(pid, "map"))
