# SPDX-License-Identifier: Apache-2.0
"""Child processes that never outlive the test, free ports, and waiting without touching."""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def repo_root():
    return pathlib.Path(__file__).resolve().parents[4]


def python():
    """The interpreter that sees Debian's python3-* packages."""
    return "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable


def which(name):
    """Path of a program, looking where root's daemons live too; None when missing."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _die_with_parent():
    # SIGTERM, so that masters (nginx, gunicorn, apache2) take their workers along.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port(host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def is_listening(port):
    """True when some socket listens on the TCP port. Reads /proc: no connection is made."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as f:
                for line in f:
                    fields = line.split()
                    if len(fields) > 3 and fields[3] == "0A" and fields[1].endswith(wanted):
                        return True
        except OSError:
            continue
    return False


def wait_until(condition, timeout, interval=0.02):
    """Polls until condition() is truthy; returns its value, or None after timeout seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            return None
        time.sleep(interval)


def children(pid):
    """All live descendants of pid, not pid itself."""
    below = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            below.setdefault(parent_of(int(entry)), []).append(int(entry))
    found = list(below.get(pid, []))
    for child in found:
        found.extend(below.get(child, []))
    return found


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return int(f.read().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def cpu_seconds(pids):
    """utime + stime of the processes and of the children they have waited for, in seconds
    (resolution of the clock tick)."""
    ticks = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            ticks += sum(map(int, fields[11:15]))
        except (OSError, IndexError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def cpu_clock(pid):
    """Seconds of one process, of all threads it ever had, to the nanosecond."""
    return time.clock_gettime(~pid << 3 | 2)  # CPUCLOCK_SCHED of <linux/posix-timers.h>


def rss_bytes(pid):
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Group:
    """Owns a scratch folder and child processes; ends them by pid when left. folder: make this
    one, which must not exist."""

    def __init__(self, label="weft", folder=None):
        if folder:
            pathlib.Path(folder).mkdir()
        self.work = pathlib.Path(folder or tempfile.mkdtemp(prefix=f"{label}-"))
        self.work.chmod(0o755)  # www-data's workers read their documents here
        self._procs = []
        self._forked = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, argv, name=None, env=None, cwd=None, stdin=subprocess.DEVNULL, stdout=None,
              end=signal.SIGTERM):
        """Starts argv; output goes to <name>.log in the scratch folder. end: what stops it."""
        name = name or pathlib.Path(argv[0]).name
        log_path = self.work / f"{name}.log"
        with open(log_path, "ab") as log:
            proc = subprocess.Popen([str(a) for a in argv], stdin=stdin, stdout=stdout or log,
                                    stderr=log, cwd=cwd, start_new_session=True,
                                    env={**os.environ, **(env or {})},
                                    preexec_fn=_die_with_parent)
        proc.log_path = log_path
        proc.name = name
        proc.end_signal = end
        self._procs.append(proc)
        return proc

    def fork(self, work):
        """Runs work() in a forked child (same image, new pid); returns the pid."""
        sys.stdout.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() == parent:
                    code = work() or 0
            except BaseException as error:  # the child must never return into the test
                print(f"child: {error!r}", file=sys.stderr)
            finally:
                os._exit(code)
        self._forked.append(pid)
        return pid

    def reap(self, pid, timeout=10.0):
        """Waits for a forked child; its exit code, or None when it had to be killed."""
        status = wait_until(lambda: os.waitpid(pid, os.WNOHANG)[1:] if _gone(pid) else None,
                            timeout)
        if status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._forked.remove(pid)
        return None if status is None else os.waitstatus_to_exitcode(status[0])

    def wait_port(self, port, proc=None, timeout=15.0):
        """Waits until the port is listened on; raises with the log when it never is."""
        if not wait_until(lambda: is_listening(port) or _ended(proc), timeout) or _ended(proc):
            raise RuntimeError(f"nothing listens on port {port}: {tail(proc)}")

    def stop(self, proc, sig=None, timeout=5.0):
        """Ends one process and what it forked; returns its exit code."""
        if proc.poll() is None:
            family = children(proc.pid)
            _signal(proc.pid, sig or proc.end_signal)
            try:
                proc.wait(timeout)
            except subprocess.TimeoutExpired:
                _signal(proc.pid, signal.SIGKILL)
                proc.wait()
            for pid in family:
                if parent_of(pid) == 1:  # orphaned by its master's end
                    _signal(pid, signal.SIGKILL)
        if proc in self._procs:
            self._procs.remove(proc)
        return proc.returncode

    def close(self):
        for pid in self._forked:
            _signal(pid, signal.SIGKILL)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
        self._forked.clear()
        for proc in reversed(list(self._procs)):
            self.stop(proc)
        shutil.rmtree(self.work, ignore_errors=True)


def _gone(pid):
    """True when the child has ended (a zombie until it is waited for)."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def _ended(proc):
    return proc is not None and proc.poll() is not None


def _signal(pid, sig):
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        pass


def tail(proc, lines=12):
    """The last lines a process wrote, for messages."""
    if proc is None:
        return ""
    try:
        text = proc.log_path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return f"{proc.name} (exit {proc.poll()}): " + " | ".join(text[-lines:])
