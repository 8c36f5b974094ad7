#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""runc where root itself lacks a capability: "privileged" then means all that root has.

runc refuses a container that asks for a capability outside the bounding set, and
`docker run --privileged` asks for every one the kernel knows. This takes the rest out of the
bundle's configuration, then becomes runc.
"""
import json
import os
import pathlib
import sys

# Bit number → name, as far as linux/capability.h goes.
NAMES = ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP "
         "LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER "
         "SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE "
         "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP "
         "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF "
         "CHECKPOINT_RESTORE").split()


def bounding():
    status = pathlib.Path("/proc/self/status").read_text(encoding="ascii")
    bits = int(status.split("CapBnd:")[1].split()[0], 16)
    return {f"CAP_{name}" for bit, name in enumerate(NAMES) if bits >> bit & 1}


def trim(path):
    config = json.loads(path.read_text(encoding="utf-8"))
    sets, allowed = config["process"].get("capabilities", {}), bounding()
    for kind, names in sets.items():
        sets[kind] = [name for name in names if name in allowed]
    path.write_text(json.dumps(config), encoding="utf-8")


if __name__ == "__main__":
    if "create" in sys.argv and "--bundle" in sys.argv:
        trim(pathlib.Path(sys.argv[sys.argv.index("--bundle") + 1]) / "config.json")
    os.execvp("runc", ["runc", *sys.argv[1:]])
