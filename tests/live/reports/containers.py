# SPDX-License-Identifier: Apache-2.0
"""One image, many containers: a file on several overlays is one to the kernel, and what ends is
let go."""
import collections
import os
import subprocess

from weft_harness import case, procs
from weft_harness.report import Skip, expect

STARTS = 40
AT_ONCE = 12
COMMITS = 3  # of each

# Its database engine comes from the overlay; it commits as often as it is told to.
_PROGRAM = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("pragma synchronous = full")
db.execute("create table t(n int)")
print("ready", flush=True)
for line in sys.stdin:
    for n in range(int(line)):
        db.execute("insert into t values (?)", (n,))
    print("done", flush=True)
"""
_START = """
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$3" || exit 77
LD_LIBRARY_PATH=$3 exec "$4" -B -c "$5" "$2/data.db"
"""


class Image:
    """A copy of the library, which no other process maps, to be shown by overlays."""

    def __init__(self, group):
        self.group = group
        self.lower, self.merged = group.work / "image", group.work / "merged"
        self.lower.mkdir()
        self.merged.mkdir()
        done = subprocess.run(["cp", "-L", _library(), self.lower / "libsqlite3.so.0"], check=False)
        expect(done.returncode == 0, "the library cannot be copied")
        self.started = 0

    def start(self):
        """A container of it, that has opened its database."""
        self.started += 1
        own = self.group.work / f"container{self.started}"
        for name in ("upper", "work"):
            (own / name).mkdir(parents=True)
        proc = self.group.start(["unshare", "-m", "sh", "-c", _START, "sh", self.lower, own,
                                 self.merged, procs.python(), _PROGRAM], name=own.name,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if proc.stdout.readline() != b"ready\n":
            if proc.wait(10) == 77:
                raise Skip("no overlay can be mounted here")
            raise RuntimeError(procs.tail(proc))
        return proc

    def rows(self, tracer):
        """The probes of the library as the agent has them."""
        return [row for row in tracer.status()["probes"]
                if row["binary"].startswith(f"{self.merged}/")]

    def wait_probed(self, tracer):
        expect(procs.wait_until(lambda: any(row["probed"] for row in self.rows(tracer)), 20),
               f"container {self.started} is not probed: {self.rows(tracer)}")

    def wait_let_go(self, tracer, files):
        expect(procs.wait_until(lambda: not self.rows(tracer), 20),
               f"after container {self.started} there are still {self.rows(tracer)}")
        expect(procs.wait_until(lambda: _open_files(tracer) <= files, 20),
               f"{_open_files(tracer)} descriptors instead of {files}")


def _library():
    said = subprocess.run([procs.python(), "-c", "import _sqlite3; print(_sqlite3.__file__); "
                           "print([l.split()[-1] for l in open('/proc/self/maps') "
                           "if 'libsqlite3' in l][0])"],
                          capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise Skip("Python has SQLite built in")
    return said.stdout.split()[-1]


def _open_files(tracer):
    return len(os.listdir(f"/proc/{tracer.pid}/fd"))


def _commit(proc):
    proc.stdin.write(b"%d\n" % COMMITS)
    proc.stdin.flush()
    expect(proc.stdout.readline() == b"done\n", procs.tail(proc))


def _end(proc):
    proc.stdin.close()
    expect(proc.wait(20) == 0, procs.tail(proc))


def _inserts(spans):
    return collections.Counter(s.pid for s in spans if s.attributes.get("db.query.text", "")
                               .startswith("insert into t"))


@case.case
def containers_one_after_the_other(c):
    """Each is traced, each commit told once, and nothing stays of any."""
    image, pids = Image(c.group), []
    with c.agent() as tracer:
        for _ in range(STARTS):
            files = _open_files(tracer) if not pids else files
            proc = image.start()
            pids.append(proc.pid)
            image.wait_probed(tracer)
            _commit(proc)
            _end(proc)
            image.wait_let_go(tracer, files)
    told = _inserts(tracer.spans())
    expect(all(told[pid] == COMMITS for pid in pids),
           f"inserts told: {[told[pid] for pid in pids]}, {COMMITS} were made by each")


@case.case
def containers_at_once(c):
    """However many there are, the library is probed once."""
    image = Image(c.group)
    with c.agent() as tracer:
        files = _open_files(tracer)
        all_of_them = [image.start() for _ in range(AT_ONCE)]
        image.wait_probed(tracer)
        probes = collections.Counter(row["probe"] for row in image.rows(tracer))
        expect(set(probes.values()) == {1}, f"probes of one library: {probes}")
        for proc in all_of_them:
            _commit(proc)
        for proc in all_of_them:
            _end(proc)
        image.wait_let_go(tracer, files)
    told = _inserts(tracer.spans())
    expect(all(told[p.pid] == COMMITS for p in all_of_them),
           f"inserts told: {[told[p.pid] for p in all_of_them]}, {COMMITS} were made by each")
