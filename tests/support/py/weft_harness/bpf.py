# SPDX-License-Identifier: Apache-2.0
"""What a process holds in the kernel: from its descriptors, and from bpftool."""
import json
import os
import subprocess

from . import programs

_ID_OF = {"prog": "prog_id", "map": "map_id", "link": "link_id"}


def held_by(pid, kind):
    """{id: fields of fdinfo} of the programs ("prog"), maps ("map") or links ("link") that
    the process has open. Programs that only a link keeps are found through the link."""
    found = {}
    for fields in _fdinfo(pid):
        if kind == "prog" and "prog_id" in fields or fields.get("_type") == f"bpf-{kind}":
            found[int(fields[_ID_OF[kind]])] = fields
    return found


def _fdinfo(pid):
    folder = f"/proc/{pid}/fd"
    for fd in os.listdir(folder):
        try:
            target = os.readlink(f"{folder}/{fd}")
            if not target.startswith("anon_inode:bpf") and "bpf_link" not in target:
                continue
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="utf-8") as f:
                lines = f.read().splitlines()
        except OSError:
            continue  # closed meanwhile
        fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        fields["_type"] = target.removeprefix("anon_inode:").strip("[]").replace("_", "-")
        yield {key.strip(): value.strip() for key, value in fields.items()}


def ids(kind):
    """Every program, map or link id there is in the kernel."""
    done = subprocess.run([programs.need("bpftool"), "-j", kind, "show"], capture_output=True,
                          text=True, check=False)
    return {entry["id"] for entry in json.loads(done.stdout or "[]")} \
        if done.returncode == 0 else set()


def map_bytes(pid):
    """Kernel memory of the process's maps, as the kernel accounts it."""
    return sum(int(fields.get("memlock", 0)) for fields in held_by(pid, "map").values())
