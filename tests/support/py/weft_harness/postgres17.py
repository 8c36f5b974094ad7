# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL 17 beside the distribution's: unpacked into a folder, run there by chroot."""
import os
import signal

from . import databases, pins, procs, programs
from .report import Skip

_PROGRAMS = "/usr/lib/postgresql/17/bin"
_FOLDER = "/srv"  # where the cluster's folder appears in there


def _root():
    """The unpacked system; fetched once."""
    if os.geteuid() != 0:
        raise Skip("PostgreSQL 17 is run by chroot, which needs root")
    return pins.postgres17()


def _inside(root, folder):
    """Prefix of an argv to run in there as postgres, with the folder; the same process."""
    return [programs.need("unshare"), "--mount", "/bin/sh", "-c",
            f'mount --bind "{folder}" "{root}{_FOLDER}" && '
            f'exec chroot --userspec=postgres "{root}" "$@"', "sh"]


def postgres17(group):
    """Starts a cluster, with the clients of the version that is installed."""
    clients = databases.installed_clients()
    root = _root()
    folder = databases.folder_for_postgres(group)
    inside = _inside(root, folder)
    databases.run_initdb([*inside, f"{_PROGRAMS}/initdb"], f"{_FOLDER}/data", folder)
    port = procs.free_port()
    argv = [*inside, f"{_PROGRAMS}/postgres", "-D", f"{_FOLDER}/data", "-p", port,
            "-k", _FOLDER, "-c", "dynamic_shared_memory_type=mmap", *databases.quiet_settings()]
    proc = group.start(argv, name="postgres17", cwd=folder, end=signal.SIGINT)
    return databases.ready(databases.Postgres(proc, port, folder, clients))
