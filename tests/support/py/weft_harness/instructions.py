# SPDX-License-Identifier: Apache-2.0
"""How many instructions the agent executes for a span: `weft replay` of a recording under callgrind,
without what starting and ending it takes. All threads count; the exporter is null. Time varies by a
quarter on a shared machine, this by less than a hundredth."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from weft_harness import otlp, recordings, report

RECORDINGS = pathlib.Path(__file__).resolve().parents[3] / "replay"
TURNS = 20  # times that each recording is played
# Spans are handed over in one batch at the end: how many come in a batch depends on time.
ONE_BATCH = {"OTEL_BSP_MAX_QUEUE_SIZE": "1000000", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1000000",
             "OTEL_BSP_SCHEDULE_DELAY": "600000"}


def need_valgrind():
    if not shutil.which("valgrind"):
        raise report.Skip("no valgrind: install the package")


class Meter:
    """work: a folder for files. profiles: keep callgrind's output there."""

    def __init__(self, weft, work, profiles=None):
        self.work, self.profiles = pathlib.Path(work), profiles
        self.weft = pathlib.Path(weft).resolve()
        if not profiles:  # reading debug information takes longer than running
            self.weft = self.work / "weft"
            subprocess.run(["strip", "-o", self.weft, weft], check=True)

    def count(self, name, content):
        recording = self.work / f"{name}.weft"
        recording.write_bytes(content)
        out = self.profiles / f"callgrind.{name}" if self.profiles else os.devnull
        said = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", self.weft, "replay",
             recording, "--exporter", "null"],
            env=os.environ | ONE_BATCH, check=True, capture_output=True, text=True).stderr
        return int(re.search(r"refs:\s*([\d,]+)", said)[1].replace(",", ""))

    def spans(self, name, content):
        recording, out = self.work / f"{name}.spans.weft", self.work / f"{name}.jsonl"
        recording.write_bytes(content)
        subprocess.run([self.weft, "replay", recording, "--exporter", f"otlp_file:path={out}"],
                       env=os.environ | ONE_BATCH, check=True, stderr=subprocess.DEVNULL)
        return len(otlp.SpanLog(out).read())


def per_span(weft, profiles=None):
    """{recording: instructions per span} of all that are shipped."""
    need_valgrind()
    files = sorted(RECORDINGS.glob("*.weft"))
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        meter = Meter(weft, work, profiles)
        played = {f.stem: recordings.repeated(f.read_bytes(), TURNS) for f in files}
        empty = pool.submit(meter.count, "empty", next(iter(played.values()))[:recordings.HEADER])
        counts = {name: (pool.submit(meter.count, name, content),
                         pool.submit(meter.spans, name, content))
                  for name, content in played.items()}
        return {name: round((count.result() - empty.result()) / spans.result())
                for name, (count, spans) in counts.items()}
