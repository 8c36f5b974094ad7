#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""faults.py PROBE CASE, or --list: a backend that fails under a load of 2 000 spans/s. In the
end spans that came + spans counted as lost == spans made, and none came twice but where the
request may have been taken unanswered."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import sink as sinks

RATE = 2000
CASES = {}


class Skip(Exception):
    pass


def case(function):
    CASES[function.__name__] = function
    return function


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


class Load:
    """The load and what it counted, over several processes one after another."""

    def __init__(self, probe, folder, disk_queue=True):
        self.probe, self.folder = probe, folder
        self.made_file = folder / "made"
        self.queue = folder / "queue" if disk_queue else None
        self.lost = {}
        self.delivered = 0
        self.log = ""

    @property
    def made(self):
        return struct.unpack("<Q", self.made_file.read_bytes())[0] if self.made_file.exists() else 0

    def start(self, seconds, *exporters, rate=RATE):
        queue = ["--disk-queue", self.queue] if self.queue else []
        return subprocess.Popen([self.probe, str(rate), str(seconds), self.made_file, *queue, *exporters],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process):
        """Waits for it, and adds up its counters."""
        out, log = process.communicate(timeout=120)
        expect(process.returncode == 0, f"the load ended with {process.returncode}: {log[-500:]}")
        self.log += log
        for line in out.splitlines():
            name, *labels, value = line.split()
            if name == "weft.exporter.spans.dropped" and int(value):
                key = tuple(labels)
                self.lost[key] = self.lost.get(key, 0) + int(value)
            elif name == "weft.exporter.spans.delivered":
                self.delivered += int(value)

    def kill(self, process):
        """What it counted goes with it, but for what it found at its start: that is logged."""
        process.send_signal(signal.SIGKILL)
        log = process.communicate()[1]
        found = re.search(r"(\d+) spans were lost with the memory of an agent that was killed", log)
        if found:
            key = ("otlp_http", "killed")
            self.lost[key] = self.lost.get(key, 0) + int(found[1])

    def run(self, seconds, *exporters, rate=RATE):
        self.end(self.start(seconds, *exporters, rate=rate))


def expect_all(load, sink, twice=0, unsure=0):
    """unsure: spans of which nobody can say whether they were counted (one for each kill)."""
    came, lost, made = len(sink.taken), sum(load.lost.values()), load.made
    again = sum(n - 1 for n in sink.taken.values())
    print(f"made {made}, came {came}, lost {load.lost or 0}, twice {again}")
    expect(made >= RATE, f"only {made} spans were made")
    expect(abs(came + lost - made) <= unsure, f"{came} came + {load.lost} lost != {made} made")
    expect(again <= twice, f"{again} spans came twice, {twice} may")


def otlp(sink, *options):
    return ",".join([f"otlp_http:endpoint={sink.url}", "encoding=json", "timeout=1000", *options])


@case
def down_then_back(load, sink):
    """On the disk: nothing is lost while nobody listens."""
    process = load.start(9, otlp(sink))
    time.sleep(1)
    sink.down()
    time.sleep(5)
    sink.up()
    load.end(process)
    load.run(8, otlp(sink), rate=10)  # what waited is sent by the next one
    expect_all(load, sink, twice=512)
    expect(not load.lost, f"lost {load.lost}")


@case
def down_then_back_in_memory(load, sink):
    """Without a disk queue what does not fit the memory is counted."""
    load.queue = None
    process = load.start(12, otlp(sink))
    time.sleep(1)
    sink.down()
    time.sleep(4)
    sink.up()
    load.end(process)
    expect_all(load, sink, twice=512)
    expect(("otlp_http", "queue_full") in load.lost, f"nothing was dropped: {load.lost}")


@case
def answers_late(load, sink):
    """Longer than the client waits: it sends again what the backend may have taken."""
    process = load.start(7, otlp(sink))
    time.sleep(1)
    with sink.failing(sinks.late(2.5)):
        time.sleep(3)
    load.end(process)
    load.run(8, otlp(sink), rate=10)
    time.sleep(3)
    expect_all(load, sink, twice=5 * 512)
    expect(not load.lost, f"lost {load.lost}")


def _busy(load, sink, answer):
    process = load.start(6, otlp(sink))
    time.sleep(1)
    with sink.failing(answer):
        time.sleep(2)
    load.end(process)
    load.run(8, otlp(sink), rate=10)
    expect_all(load, sink)
    expect(not load.lost, f"lost {load.lost}")


@case
def busy_with_retry_after(load, sink):
    before = sink.requests
    _busy(load, sink, sinks.busy(429, 1))
    expect(sink.requests - before < 120, f"{sink.requests - before} requests: it did not wait")


@case
def busy_with_a_date(load, sink):
    _busy(load, sink, sinks.busy(503, "date"))


@case
def busy_without_a_word(load, sink):
    _busy(load, sink, sinks.busy(503))


@case
def reset_in_the_body(load, sink):
    _busy(load, sink, sinks.reset_in_body)


@case
def half_an_answer(load, sink):
    """The status came, its body did not: not known to be taken, so sent again."""
    _busy(load, sink, sinks.half_an_answer)


@case
def refused(load, sink):
    """What a backend will never take is dropped, counted, and holds nothing up."""
    process = load.start(4, otlp(sink))
    time.sleep(1)
    with sink.failing(sinks.wrong):
        time.sleep(1)
    load.end(process)
    load.run(2, otlp(sink), rate=10)
    expect_all(load, sink)
    expect(set(load.lost) == {("otlp_http", "refused")}, f"lost {load.lost}")


def _certificate(folder, name):
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=weft test", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@case
def tls_fails(load, sink):
    """A stranger's certificate gets nothing; the right one everything."""
    if not shutil.which("openssl"):
        raise Skip("needs the openssl command")
    right, stranger = _certificate(load.folder, "right"), _certificate(load.folder, "stranger")
    sink.down()
    sink.tls = stranger
    sink.up()
    process = load.start(6, otlp(sink, f"tls.ca_file={right[0]}"))
    time.sleep(2)
    expect(not sink.taken, "a stranger took spans")
    sink.down()
    sink.tls = right
    sink.up()
    load.end(process)
    load.run(8, otlp(sink, f"tls.ca_file={right[0]}"), rate=10)
    expect_all(load, sink)
    expect(not load.lost, f"lost {load.lost}")
    expect(re.search(r"certificate", load.log), f"the log does not name the fault: {load.log[-300:]}")


@case
def name_not_resolved(load, sink):
    """Nothing is lost; a corrected endpoint gets all of it."""
    load.run(2, "otlp_http:endpoint=http://nowhere.invalid/v1/traces,encoding=json")
    expect("nowhere.invalid" in load.log, f"the log does not name the host: {load.log[-300:]}")
    load.run(3, otlp(sink))
    expect_all(load, sink)
    expect(not load.lost, f"lost {load.lost}")


@contextlib.contextmanager
def small_disk(folder, size):
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False).returncode:
        raise Skip("may not mount a file system here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@case
def disk_full(load, sink):
    """What neither disk nor memory holds is counted; what is stored is sent."""
    with small_disk(load.queue, "1m"):
        sink.down()
        process = load.start(9, otlp(sink))
        time.sleep(5)
        sink.up()
        load.end(process)
        load.run(10, otlp(sink), rate=10)
        expect_all(load, sink)
        expect(("otlp_http", "queue_full") in load.lost, f"nothing was dropped: {load.lost}")
        expect("No space left" in load.log, f"the log does not say so: {load.log[-300:]}")


@case
def killed_twenty_times(load, sink):
    """At most what was in memory is lost, and the next start counts it."""
    for kill in range(20):
        process = load.start(30, otlp(sink))
        time.sleep(0.7 + 0.05 * (kill % 5))
        load.kill(process)
    load.run(3, otlp(sink), rate=10)
    expect_all(load, sink, twice=20 * 512, unsure=20)
    lost = sum(load.lost.values())
    expect(set(load.lost) <= {("otlp_http", "killed")}, f"lost {load.lost}")
    expect(lost <= 20 * RATE, f"{lost} spans lost by 20 kills: more than a second's each")


@case
def killed_while_down(load, sink):
    """What is on the disk outlives it, and the backend's absence."""
    sink.down()
    for _ in range(5):
        process = load.start(30, otlp(sink))
        time.sleep(1.2)
        load.kill(process)
    sink.up()
    load.run(4, otlp(sink), rate=10)
    expect_all(load, sink, unsure=5)
    expect(len(sink.taken) > 2 * RATE, f"only {len(sink.taken)} spans were kept")


@case
def one_hangs_the_other_does_not(load, sink):
    """A backend that never answers takes nothing from another."""
    with sinks.Sink() as hanging:
        hanging.answer = lambda handler: time.sleep(60)
        load.queue = None
        load.run(4, otlp(hanging), otlp(sink))
        lost = sum(n for (name, _), n in load.lost.items() if name == "otlp_http.2")
        expect(len(sink.taken) == load.made and not lost, f"{len(sink.taken)} of {load.made} came, {lost} lost")
        hung = sum(n for (name, _), n in load.lost.items() if name == "otlp_http")
        expect(hung == load.made, f"the hanging one's: {hung} of {load.made} counted as lost")


def main(probe, name):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-delivery-"))
    try:
        with sinks.Sink() as sink:
            CASES[name](Load(probe, folder), sink)
    except Skip as reason:
        print(f"SKIP {name}: {reason}")
        return 77
    except (AssertionError, subprocess.TimeoutExpired) as error:
        print(f"FAIL {name}: {error}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"PASS {name}")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        sys.exit(0)
    for variable in [v for v in os.environ if v.startswith("OTEL_")]:
        del os.environ[variable]
    sys.exit(main(sys.argv[1], sys.argv[2]))
