# SPDX-License-Identifier: Apache-2.0
"""What the agent's BPF programs cost: the kernel's own statistics, and a probe's trap."""
import contextlib
import dataclasses
import json
import pathlib
import subprocess

from weft_harness import bpf, programs

HERE = pathlib.Path(__file__).resolve().parent
_SWITCH = pathlib.Path("/proc/sys/kernel/bpf_stats_enabled")
_STORAGE = ("probe_", "file_")
_RETURNS = ("probe_leave",)


@dataclasses.dataclass
class Runs:
    """Of one program."""
    us: float
    count: float


@contextlib.contextmanager
def statistics():
    """The kernel counts and times every run meanwhile."""
    before = _SWITCH.read_text(encoding="ascii")
    _SWITCH.write_text("1", encoding="ascii")
    try:
        yield
    finally:
        _SWITCH.write_text(before, encoding="ascii")


def runs(pid):
    """{name: Runs} of the process's programs since statistics were switched on."""
    done = subprocess.run([programs.need("bpftool"), "-j", "prog", "show"], capture_output=True,
                          text=True, check=True)
    mine = bpf.held_by(pid, "prog")
    return {p["name"]: Runs(p.get("run_time_ns", 0) / 1e3, p.get("run_cnt", 0))
            for p in json.loads(done.stdout) if p["id"] in mine}


def per_request(before, after, requests):
    """What each program that ran did in between, for one request."""
    zero = Runs(0, 0)
    spent = {name: Runs((now.us - before.get(name, zero).us) / requests,
                        (now.count - before.get(name, zero).count) / requests)
             for name, now in after.items()}
    return {name: cost for name, cost in spent.items() if cost.count}


def figures(cost, trap):
    """The entries of the JSON file, from kernel_cost() and trap()."""
    storage = sum(c.us for name, c in cost.items() if name.startswith(_STORAGE))
    out = {"bpf_us_per_tx": round(sum(c.us for c in cost.values()), 3),
           "bpf_storage_us_per_tx": round(storage, 3),
           "bpf_programs": {name: {"us_per_tx": round(c.us, 3), "runs_per_tx": round(c.count, 3)}
                            for name, c in sorted(cost.items(), key=lambda item: -item[1].us)}}
    if trap:
        out["trap_us_per_tx"] = round(_trapped(cost, *trap), 3)
    return out


def _trapped(cost, entry, back):
    """µs in the traps of the probes' runs, without the programs' own time. A return's trap at
    entry is that of the probe_enter it goes with."""
    return sum(c.count * (back if name in _RETURNS else entry)
               for name, c in cost.items() if name.startswith("probe_"))


def trap(group):
    """(µs of a uprobe, µs that its return adds) by a loop over an empty function; fails
    where the kernel refuses the probes."""
    binary = programs.build_c(HERE / "uprobe_cost.c", group.work / "uprobe_cost")
    done = subprocess.run([str(binary)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"uprobe_cost: {done.stderr.strip()}")
    return tuple(float(word) / 1e3 for word in done.stdout.split())
