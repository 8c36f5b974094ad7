#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""export.py BUILD: what it costs to export. A load of spans goes through the agent's own
queues and exporters, without a kernel, to a backend that takes everything unread."""
import os
import pathlib
import subprocess
import sys
import tempfile

RATE, SECONDS = 100_000, 8
ROOMY = "max_queue_size=200000,max_export_batch_size=8192,schedule_delay=100"


def run(build, folder, rate, *args):
    """The load's counters, and how many spans it made."""
    made = folder / "made"
    made.unlink(missing_ok=True)
    result = subprocess.run([build / "tests/delivery/export_load", str(rate), str(SECONDS), made, *args],
                            capture_output=True, text=True, check=True,
                            env=os.environ | {"OTEL_TRACES_EXPORTER": "none"})
    counters = {}
    for line in result.stdout.splitlines():
        name, value = line.rsplit(" ", 1)
        counters[name] = int(value)
    counters["made"] = int.from_bytes(made.read_bytes(), "little")
    return counters


def dropped(counters):
    return sum(n for name, n in counters.items() if name.startswith("weft.exporter.spans.dropped"))


def show(name, counters, base):
    cost = (counters["cpu_us"] - base) / counters["made"]
    print(f"{name:<34} {counters['made'] / SECONDS:>8.0f} spans/s  {cost:5.2f} µs/span"
          f"  {counters['cpu_us'] / 1e4 / SECONDS:5.1f} % of a core  dropped {dropped(counters)}"
          f"  RSS {counters['rss_early'] // 1024} → {counters['rss_late'] // 1024} MiB")
    return cost


def main(build):
    sink = subprocess.Popen([build / "tests/delivery/post_sink"], stdout=subprocess.PIPE, text=True)
    try:
        url = f"endpoint=http://127.0.0.1:{sink.stdout.readline().strip()}/v1/traces,{ROOMY}"
        with tempfile.TemporaryDirectory() as name:
            measure(build, pathlib.Path(name), url)
    finally:
        sink.kill()
        sink.wait()


def measure(build, folder, url):
    none = run(build, folder, RATE)
    base = none["cpu_us"]
    print(f"Exporters at {RATE} spans/s for {SECONDS} s; µs/span beyond those of making spans "
          f"({base / none['made']:.2f}, a run without exporters)")
    show("null (the queue alone)", run(build, folder, RATE, f"null:{ROOMY}"), base)
    one = show("otlp_http", run(build, folder, RATE, f"otlp_http:{url}"), base)
    show("otlp_http, gzip", run(build, folder, RATE, f"otlp_http:{url},compression=gzip"), base)
    show("otlp_http, zstd", run(build, folder, RATE, f"otlp_http:{url},compression=zstd"), base)
    both = show("otlp_http twice", run(build, folder, RATE, f"otlp_http:{url}", f"otlp_http:{url}"), base)
    show("otlp_http, disk queue", run(build, folder, RATE, "--disk-queue", folder / "queue", f"otlp_http:{url}"), base)
    show("zipkin", run(build, folder, RATE, f"zipkin:{url}"), base)
    show("jaeger", run(build, folder, RATE, f"jaeger:{url}"), base)
    print(f"A second exporter adds {100 * (both - one) / one:.0f} % of the first's cost")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
