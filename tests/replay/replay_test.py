#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Replays every recording beside this file and compares the exported spans with its golden
file. Ids, times and durations differ from run to run or say nothing: they are replaced by
what they mean (which span is whose parent, that an end is not before its start).

UPDATE_GOLDEN=1 writes the golden files instead."""
import argparse
import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support" / "py"))
from weft_harness import otlp  # noqa: E402

VOLATILE = ("service.instance.id", "process.pid", "process.parent_pid", "process.creation.time",
            "host.name", "host.id", "os.name", "os.version", "os.description",
            "telemetry.sdk.version", "telemetry.distro.version", "network.peer.port")


def replayed(weft, recording):
    with tempfile.TemporaryDirectory() as work:
        out = pathlib.Path(work) / "spans.jsonl"
        subprocess.run([weft, "replay", recording, "--exporter", f"otlp_file:path={out}"],
                       check=True, stderr=subprocess.DEVNULL)
        return otlp.SpanLog(out).read()


def normalised(spans):
    spans = sorted(spans, key=lambda s: s.start)
    by_id = {s.span_id: index for index, s in enumerate(spans)}
    traces = {}
    rows = []
    for span in spans:
        assert span.end >= span.start, f"{span} ends before it starts"
        attributes = {k: v for k, v in span.attributes.items() if k not in VOLATILE}
        resource = {k: v for k, v in span.resource.items() if k not in VOLATILE}
        for key in ("server.port", "url.full"):
            if key in attributes:
                attributes[key] = strip_port(attributes[key])
        rows.append({"trace": traces.setdefault(span.trace_id, len(traces)),
                     "parent": by_id.get(span.parent_id, span.parent_id and "outside"),
                     "name": span.name, "kind": span.kind, "status": span.status,
                     "attributes": attributes, "resource": resource})
    return rows


def strip_port(value):
    if not isinstance(value, str):
        return "PORT"
    head, sep, rest = value.partition("127.0.0.1:")
    return head + sep + "PORT" + rest.lstrip("0123456789") if sep else value


def check(weft, recording):
    rows = normalised(replayed(weft, recording))
    text = "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)
    golden = recording.with_suffix(".golden.jsonl")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
        print(f"WROTE {golden.name}: {len(rows)} spans")
        return True
    expected = golden.read_text()
    if text == expected and rows:
        print(f"PASS replay {recording.name}: {len(rows)} spans")
        return True
    print(f"FAIL replay {recording.name}: spans differ from {golden.name}")
    sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), text.splitlines(True),
                                               golden.name, "replayed", n=1))
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weft", required=True)
    args = parser.parse_args()
    recordings = sorted(HERE.glob("*.weft"))
    if not recordings:
        sys.exit("no recordings beside this test")
    results = [check(args.weft, recording) for recording in recordings]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
