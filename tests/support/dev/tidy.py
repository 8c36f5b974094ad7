#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tidy.py BUILD < FILES: clang-tidy over the files, as BUILD's compile_commands.json compiles
them, but without the precompiled header: that is quicker here, and a missing #include is seen.

A file found clean is remembered by all that clang-tidy reads: its preprocessed text with
comments and macros, its command, .clang-tidy and clang-tidy's version. One empty file each in
${XDG_CACHE_HOME:-~/.cache}/weft/tidy, forgotten after a month. Exit code 1 when there is a finding."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

MONTH = 30 * 86400
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weft" / "tidy"


def without_precompiled(command):
    """The arguments of a compiler that reads every header anew."""
    arguments = shlex.split(command)
    kept = []
    while arguments:
        word = arguments.pop(0)
        if word == "-include" and arguments[0].endswith("cmake_pch.hxx"):
            arguments.pop(0)
        elif word not in ("-Winvalid-pch", "-fpch-preprocess"):
            kept.append(word)
    return kept


def rewrite(build, folder):
    """Writes the commands without precompiled headers into `folder`; → entry of each file."""
    entries = json.loads((build / "compile_commands.json").read_text())
    for entry in entries:
        entry["arguments"] = without_precompiled(entry.pop("command"))
    folder.mkdir(exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(entries))
    return {os.path.relpath(entry["file"]): entry for entry in entries}


def key(entry, common):
    """None if the file cannot be preprocessed: clang-tidy shall say why."""
    _, *arguments = entry["arguments"]
    at = arguments.index("-o")
    words = ["clang++-19", *arguments[:at], *arguments[at + 2:], "-E", "-CC", "-dD", "-w", "-o", "-"]
    text = subprocess.run(words, cwd=entry["directory"], capture_output=True, check=False)
    if text.returncode != 0:
        return None
    return hashlib.sha256(common + json.dumps(words).encode() + text.stdout).hexdigest()


def check(path, entry, folder, common):
    """What clang-tidy says of one file; nothing when it is clean."""
    known = key(entry, common) if entry else None
    if known and (CACHE / known).exists():
        (CACHE / known).touch()
        return ""
    run = subprocess.run(["clang-tidy-19", "-p", folder, "--quiet", path], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return run.stdout or run.stderr
    if known:
        (CACHE / known).touch()
    return ""


def forget_old():
    CACHE.mkdir(parents=True, exist_ok=True)
    for mark in CACHE.iterdir():
        if mark.stat().st_mtime < time.time() - MONTH:
            mark.unlink(missing_ok=True)


def main(build, files):
    forget_old()
    folder = build / "tidy"
    entries = rewrite(build, folder)
    version = subprocess.run(["clang-tidy-19", "--version"], capture_output=True, check=True).stdout
    common = version + pathlib.Path(".clang-tidy").read_bytes()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda path: check(path, entries.get(path), folder, common), files))
    print("".join(found), end="")
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.stdin.read().split()))
