# SPDX-License-Identifier: Apache-2.0
"""A disk made slow for some processes: the kernel's own limit on their writes."""
import os
import pathlib

from .report import Skip

_V1 = pathlib.Path("/sys/fs/cgroup/blkio")
_V2 = pathlib.Path("/sys/fs/cgroup")


class SlowDisk:
    """A control group whose processes may write so many times a second to the disk under a
    folder. Use as a context manager; leaving it moves them back out. Needs root."""

    def __init__(self, folder):
        self._device = _disk_of(folder)
        self._v1 = (_V1 / "cgroup.procs").exists()
        root = _V1 if self._v1 else _V2
        if not self._v1 and "io" not in _read(root / "cgroup.subtree_control").split():
            raise Skip("no control group limits writes here")
        self._root = root
        self._group = root / f"weft-live-{os.getpid()}"

    def __enter__(self):
        try:
            self._group.mkdir()
        except OSError as error:
            raise Skip(f"no control group to be had: {error}") from error
        return self

    def __exit__(self, *_):
        for pid in _read(self._group / "cgroup.procs").split():
            try:
                (self._root / "cgroup.procs").write_text(pid)
            except OSError:
                continue  # ended meanwhile
        self._group.rmdir()

    def limit(self, writes_a_second):
        """None: as many as they like."""
        if self._v1:
            name, text = "blkio.throttle.write_iops_device", str(writes_a_second or 0)
        else:
            name, text = "io.max", f"wiops={writes_a_second or 'max'}"
        (self._group / name).write_text(f"{self._device} {text}")

    def wrap(self):
        """Prefix of an argv to run in the group; the same process."""
        return ["/bin/sh", "-c", f'echo $$ > {self._group}/cgroup.procs && exec "$@"', "sh"]


def _disk_of(folder):
    """MAJOR:MINOR of the whole disk that holds the folder's file system."""
    number = os.stat(folder).st_dev
    block = pathlib.Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    if not block.exists():
        raise Skip(f"{folder} is on no disk")
    if (block / "partition").exists():
        block = block.resolve().parent
    return _read(block / "dev").strip()


def _read(path):
    return path.read_text(encoding="ascii")
