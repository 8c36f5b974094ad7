# SPDX-License-Identifier: Apache-2.0
"""The figures as tables for docs/performance.md."""
import figures

COLUMNS = 5  # scenarios of one table


def markdown(results):
    names = list(results)
    return "\n\n".join(_table(results, names[at:at + COLUMNS]) for at in range(0, len(names), COLUMNS))


def _table(results, names):
    lines = ["| | " + " | ".join(f"`{name}`" for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for label, key, unit in figures.ROWS:
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
