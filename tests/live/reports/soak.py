# SPDX-License-Identifier: Apache-2.0
"""Many short connections and processes: the kernel's maps and the agent's memory are the same
afterwards."""
import json
import os
import socket
import subprocess

from weft_harness import bpf, case, procs, programs, wire
from weft_harness.case import expect

ROUNDS, PROCESSES, CONNECTIONS = 3, 20, 25
# By how many entries of what lives on a map may differ, and the bound of the LRU maps, which
# forget by themselves.
ALLOWED = {"conns": 8, "tasks": 40, "targets": 40, "overrides": 8}
BOUND = {"unix_conns": 4096, "threads": 8192, "files": 8192, "file_calls": 8192}


def _entries(pid):
    """{name: number of entries} of the agent's maps that are watched here."""
    found = {}
    for number in bpf.held_by(pid, "map"):
        done = subprocess.run([programs.need("bpftool"), "-j", "map", "show", "id", str(number)],
                              capture_output=True, text=True, check=False)
        name = json.loads(done.stdout or "{}").get("name")
        if name in ALLOWED or name in BOUND:
            dump = subprocess.run([programs.need("bpftool"), "-j", "map", "dump", "id",
                                   str(number)], capture_output=True, text=True, check=False)
            found[name] = len(json.loads(dump.stdout or "[]"))
    return found


def _load(c, listener):
    """Processes whose connections end orderly, by RST, and with the process."""
    def work():
        left_open = []
        for number in range(CONNECTIONS):
            conn = wire.connect(listener)
            if wire.ask(conn, f"/{number}")[0] != 200:
                return 1
            if number == CONNECTIONS - 1:  # the server takes one after the other
                left_open.append(conn)
                break
            if number % 2 and listener.family != socket.AF_UNIX:
                wire.reset_on_close(conn)
            conn.close()
        os._exit(0)
    for _ in range(PROCESSES):
        c.client(work)


def _soak(c, family, address):
    listener, _ = c.server(family=family, address=address)
    with c.agent() as tracer:
        _load(c, listener)
        before, memory = _entries(tracer.pid), procs.rss_bytes(tracer.pid)
        for _ in range(ROUNDS):
            _load(c, listener)
        after, grown = _entries(tracer.pid), procs.rss_bytes(tracer.pid) - memory
        expect("conns" in after and "tasks" in after, f"the maps are not found: {after}")
        for name, count in after.items():
            most = before.get(name, 0) + ALLOWED[name] if name in ALLOWED else BOUND[name]
            expect(count <= most, f"{name}: {before.get(name)} entries became {count}")
        expect(grown < 8 << 20, f"the agent grew by {grown >> 10} KB")
    total = (ROUNDS + 1) * PROCESSES * CONNECTIONS
    told = sum(span.is_server for span in tracer.spans())
    expect(told >= total * 0.99, f"{told} server spans of {total} connections")


@case.case
def soak_tcp(c):
    _soak(c, socket.AF_INET, ("127.0.0.1", 0))


@case.case
def soak_tcp6(c):
    _soak(c, socket.AF_INET6, ("::1", 0))


@case.case
def soak_unix(c):
    _soak(c, socket.AF_UNIX, str(c.group.work / "soak.sock"))
