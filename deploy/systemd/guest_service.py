#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside a VM whose process 1 is systemd: installs weft.service, traces a chain with it.

guest_service.py WEFT. Writes below /etc, /usr and /var: never run it on a machine you keep.
"""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support" / "py"))
from weft_chain import check, run  # noqa: E402
from weft_harness import otlp, procs, report  # noqa: E402

COUNT, PORT = 12, 4380
PATIENCE = 240  # seconds: emulation on a busy host is slow
SPANS = pathlib.Path("/var/lib/private/weft/spans.jsonl")


def systemctl(*argv):
    done = subprocess.run(["systemctl", *argv], capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def shown(prop):
    return systemctl("show", "-P", prop, "weft.service")[1]


def journal():
    done = subprocess.run(["journalctl", "-q", "--no-pager", "-n", "12", "-u", "weft"],
                          capture_output=True, text=True, check=False)
    return done.stdout


def install(weft):
    shutil.copy(weft, "/usr/bin/weft")
    shutil.copy(HERE / "weft.service", "/etc/systemd/system/weft.service")
    pathlib.Path("/etc/weft").mkdir(exist_ok=True)
    pathlib.Path("/etc/weft/weft.env").write_text(
        "WEFT_FLAGS=--budget off --exporter otlp_file:path=/var/lib/weft/spans.jsonl,schedule_delay=200 "
        f"--admin 127.0.0.1:{PORT}\n", encoding="utf-8")
    systemctl("daemon-reload")


def start():
    code, text = systemctl("start", "weft.service")
    if code == 0:
        procs.wait_until(lambda: run.healthy(PORT) or shown("ActiveState") != "active", timeout=PATIENCE)
    report.expect(run.healthy(PORT), f"does not start: {text} {journal()}")


def confined_problems():
    """Runs as the unit says: not root, those capabilities and no more."""
    status = pathlib.Path(f"/proc/{shown('MainPID')}/status").read_text(encoding="ascii")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    found = ["runs as root"] if fields["Uid"].split()[0] == "0" else []
    return found + [f"{key} is {fields[key]}, bounding set {fields['CapBnd']}"
                    for key in ("CapEff", "CapPrm") if fields[key] != fields["CapBnd"]]


def trace(rep):
    with procs.Group("weft-service") as group:
        port = run.start_services(group)
        start()
        rep.result("service.confined", confined_problems())
        answers = run.send_requests(port, COUNT)
        log = otlp.SpanLog(SPANS)
        procs.wait_until(lambda: run.enough(COUNT)(log.read()), timeout=PATIENCE)
        systemctl("stop", "weft.service")
        problems = check.problems(log.read(), COUNT) + (["wrong answers"] if answers else [])
        rep.result("service.chain", problems + ([journal()] if problems else []))
        result = shown("Result")
        rep.result("service.stop", [] if result == "success" else [f"{result}: {journal()}"])


def main():
    rep = report.Report()
    install(sys.argv[1])
    try:
        trace(rep)
    except report.Failure as reason:
        rep.fails("service", str(reason))
    return rep.exit_code()


if __name__ == "__main__":
    sys.exit(main())
