# SPDX-License-Identifier: Apache-2.0
"""The figures as tables for docs/performance.md, and of the scenarios with an SDK for README.md."""
import figures

COLUMNS = 5  # scenarios of one table
BESIDE_SDK = (("CPU per request, not traced", "server_cpu_us_per_req", "µs"),
              ("… with Weft", "weft_cpu_ratio", "×"),
              ("… with the OpenTelemetry SDK", "sdk_cpu_ratio", "×"),
              ("requests/s, not traced", "requests_per_s", ""),
              ("… with Weft", "throughput_kept", "×"),
              ("… with the OpenTelemetry SDK", "sdk_throughput_kept", "×"),
              ("spans per request, Weft", "weft_spans_per_req", ""),
              ("spans per request, OpenTelemetry SDK", "sdk_spans_per_req", ""))


def markdown(results):
    beside_sdk = [name for name, entry in results.items() if "sdk_cpu_ratio" in entry]
    others = [name for name in results if name not in beside_sdk]
    return "\n\n".join([*_tables(results, others, figures.ROWS),
                        *_tables(results, beside_sdk, BESIDE_SDK)])


def _tables(results, names, rows):
    return [_table(results, names[at:at + COLUMNS], rows) for at in range(0, len(names), COLUMNS)]


def _table(results, names, rows):
    lines = ["| | " + " | ".join(f"`{name}`" for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for label, key, unit in rows:
        cells = [_cell(results[name], key, unit) for name in names]
        if any(cells):
            lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(entry, key, unit):
    if key not in entry:
        return ""
    value = f"{entry[key]:,}".replace(",", " ") if isinstance(entry[key], int) else f"{entry[key]}"
    spread = entry.get(f"{key}_spread")
    return f"{value} {unit}".strip() + (f" [{spread[0]}, {spread[1]}]" if spread else "")
