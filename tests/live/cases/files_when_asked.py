# SPDX-License-Identifier: Apache-2.0
"""Operations on files are hooked while a process that writes logs runs, and not before."""
import os
import time

from weft_harness import case, procs
from weft_harness.report import Skip, expect

_EARLY = "weft.kernel.file_writes_before_hooks"


def _file_hooks(tracer):
    return next(row for row in tracer.status()["hooks"] if row["hook"] == "file io")


def _waits(tracer):
    return "once there is a log" in _file_hooks(tracer)["reason"]


def _writer(path, asked):
    """Appends and syncs, once; and twice more when `asked` is written to."""
    def work():
        log = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        for count in (1, 2):
            for _ in range(count):
                os.write(log, b"x" * 100)
                os.fsync(log)
            if count == 1:
                os.read(asked, 1)
        return 0
    return work


@case.case
def hooks_on_files_wait_for_a_log(c):
    """A log that no engine and no library announces: its first write does."""
    asked, ask = os.pipe()
    path = c.group.work / "orders-wal"
    with c.agent() as tracer:
        if not _waits(tracer):
            raise Skip(f"a log is open already, or files cannot be hooked: {_file_hooks(tracer)}")
        c.group.work.joinpath("orders.txt").write_text("no log")
        writer = c.fork(_writer(path, asked))
        expect(procs.wait_until(lambda: not _waits(tracer), 5), "its writes did not ask for hooks")
        os.write(ask, b"!")
        os.waitpid(writer, 0)
        lost = tracer.counter(_EARLY)
        time.sleep(0.5)
    told = [s for s in tracer.spans() if s.attributes.get("wal.file.path") == str(path)]
    syncs = [s for s in told if s.name == "wal.sync"]
    expect(2 <= len(syncs) <= 3, f"{len(syncs)} of 3 syncs, at most the first lost: {told}")
    expect(lost >= 1, f"{lost} changes counted as before the hooks")
