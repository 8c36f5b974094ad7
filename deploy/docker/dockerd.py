# SPDX-License-Identifier: Apache-2.0
"""A Docker daemon of the test's own: no bridge, no iptables, nothing left when it ends."""
import os
import pathlib
import subprocess
import tarfile

from weft_harness import procs, report

RUNTIME = pathlib.Path(__file__).resolve().with_name("bounded_runc.py")


class Dockerd:
    """Owned by the group; use as a context manager. Needs root."""

    def __init__(self, group):
        self._group = group
        self._root = group.work / "docker"
        self.host = f"unix://{group.work}/docker.sock"
        self._proc = None
        self._cgroups = _cgroup_folders()

    def __enter__(self):
        # --bridge=none --iptables=false: the host's links and firewall are not ours to touch.
        self._proc = self._group.start(
            [procs.which("dockerd"), "--data-root", self._root / "data", "--exec-root",
             self._root / "exec", "--pidfile", self._root / "pid", "-H", self.host, "--bridge=none",
             "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--log-level=warn",
             "--add-runtime", f"bounded={RUNTIME}", "--default-runtime=bounded"],
            name="dockerd")
        ready = procs.wait_until(lambda: self._proc.poll() is not None or self.try_run("info")[0] == 0,
                                 timeout=60, interval=0.1)
        if not ready or self._proc.poll() is not None:
            reason = procs.tail(self._proc, lines=3)
            self._stop()
            raise report.Skip(f"dockerd cannot run here: {reason}")
        return self

    def __exit__(self, *_):
        containers = self.try_run("ps", "-aq")[1].split()
        if containers:
            self.try_run("rm", "-f", *containers)
        self._stop()

    def _stop(self):
        self._group.stop(self._proc, timeout=30)
        for line in reversed(pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()):
            point = line.split()[1]
            if point.startswith(str(self._group.work)):
                subprocess.run(["umount", "-l", point], check=False)
        for folder in _cgroup_folders() - self._cgroups:
            _remove_tree(folder)

    def try_run(self, *argv):
        """(exit code, stdout and stderr) of one docker command."""
        done = subprocess.run(["docker", "-H", self.host, *map(str, argv)], capture_output=True,
                              text=True, timeout=120, check=False)
        return done.returncode, (done.stdout + done.stderr).strip()

    def run(self, *argv):
        """stdout of a docker command that must succeed."""
        code, text = self.try_run(*argv)
        report.expect(code == 0, f"docker {' '.join(map(str, argv))}: {text}")
        return text

    def import_host_view(self, tag):
        """An image of nothing but merged-/usr links, to run the host's programs (bind /usr)."""
        path = self._group.work / "view.tar"
        with tarfile.open(path, "w") as tar:
            for name in ("bin", "sbin", "lib", "lib64"):
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, f"usr/{name}"
                tar.addfile(link)
        self.run("import", path, tag)


def _cgroup_folders():
    """Folders a daemon makes beside its containers' cgroups: every "docker" of a hierarchy."""
    root = pathlib.Path("/sys/fs/cgroup")
    return {path for pattern in ("docker", "*/docker") for path in root.glob(pattern)}


def _remove_tree(folder):
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            os.rmdir(path)
        except OSError:
            pass
