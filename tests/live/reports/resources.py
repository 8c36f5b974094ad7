# SPDX-License-Identifier: Apache-2.0
"""A span's resource says of its process and its machine what the machine itself says."""
import datetime
import os
import pathlib
import platform
import pwd
import subprocess
import uuid

from weft_harness import case, otlp, procs, wire
from weft_harness.report import expect

_ASK = """
import os, socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    for n in range(2):
        s.sendall(b"GET /resource/%d HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" % n)
        s.recv(4096)
        sys.stdin.readline()
"""
_INSTANCES = uuid.UUID("4d63009a-8d0f-11ee-aad7-4c796ed8e320")  # OpenTelemetry's namespace
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def _ps(pid, column):
    return subprocess.run(["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True,
                          text=True, check=True).stdout.strip()


def _of_process(proc):
    exe = os.readlink(f"/proc/{proc.pid}/exe")
    return {"process.pid": proc.pid,
            "process.parent_pid": int(_ps(proc.pid, "ppid")),
            "process.owner": pwd.getpwuid(os.stat(f"/proc/{proc.pid}").st_uid).pw_name,
            "process.executable.path": exe,
            "process.executable.name": os.path.basename(exe),
            "process.command": proc.args[0],
            "process.runtime.name": "cpython",
            "process.runtime.version": platform.python_version(),
            "telemetry.sdk.language": "python",
            "telemetry.sdk.name": "weft",
            "telemetry.distro.name": "weft"}


def _of_machine():
    release = platform.freedesktop_os_release()
    return {"host.name": os.uname().nodename,
            "host.id": pathlib.Path("/etc/machine-id").read_text(encoding="ascii").strip(),
            "host.arch": _ARCHITECTURES.get(os.uname().machine, os.uname().machine),
            "os.type": os.uname().sysname.lower(),
            "os.name": release["NAME"],
            "os.version": release.get("VERSION_ID"),
            "os.description": release["PRETTY_NAME"]}


def _started(pid):
    """Unix seconds, by ps's age of it."""
    return datetime.datetime.now().timestamp() - float(_ps(pid, "etimes"))


def _instance(resource, pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    ticks = stat.rsplit(")", 1)[1].split()[19]
    told = f"{resource['host.id']}/{resource['host.name']}/{pid}/{ticks}"
    return str(uuid.uuid5(_INSTANCES, told))


@case.case
def resource_is_the_machines_own_word(c):
    listener, _ = c.server(wire.answer_all)
    with c.agent() as tracer:
        proc = subprocess.Popen([procs.python(), "-c", _ASK, str(listener.getsockname()[1])],
                                stdin=subprocess.PIPE)
        try:
            spans = tracer.wait_spans(lambda spans: any(s.pid == proc.pid for s in spans))
            expected = {**_of_process(proc), **_of_machine()}
            resource = next(s.resource for s in spans
                            if s.kind == otlp.CLIENT and s.pid == proc.pid)
            instance, started = _instance(resource, proc.pid), _started(proc.pid)
        finally:
            proc.communicate(b"\n\n", 30)
    wrong = {key: (resource.get(key), value) for key, value in expected.items()
             if resource.get(key) != value}
    expect(not wrong, f"(told, expected): {wrong}")
    expect(resource["service.instance.id"] == instance, "the instance id is not of the process")
    told = datetime.datetime.fromisoformat(resource["process.creation.time"].replace("Z", "+00:00"))
    expect(abs(told.timestamp() - started) < 2, f"created {told}, by ps {started}")
    expect(resource["process.executable.build_id.gnu"], "no build id")
