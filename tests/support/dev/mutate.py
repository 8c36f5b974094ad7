#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes each condition of a room's sources wrong, one at a time, and runs the room's tests: those
that stay green do not check it (the survivors).

All mutants are compiled in at once, in a copy of the tree, each behind a switch that an environment
variable throws; so there is one build, and a mutant costs one run of the tests. Of a condition's
operands each is made always true and always false, and a comparison takes or leaves its bound.
What tests have seen is kept in build/mutate and not run again while its source stays the same.
"""
import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import mutants

ROOT = pathlib.Path(__file__).resolve().parents[3]
WORK = ROOT / "build" / "mutate"
TREE, OUT = WORK / "tree", WORK / "out"
RUN_LIMIT = 5  # s, or so many times what the tests take without a mutant: one that hangs is seen
SWITCH = """#pragma once
#ifdef __cplusplus
#include <cstdlib>
namespace weft_mutants {
inline bool is(int id) {
  static const char* const text = std::getenv("WEFT_MUTANT");
  static const int on = text ? std::atoi(text) : 0;
  return on == id;
}
}  // namespace weft_mutants
#endif
"""


def say(text):
    print(text, flush=True)


def sources(folder):
    """A room's own code: no tests, nor what only they use."""
    helper = re.compile(r"_(test|bench|fuzz)\.cpp$|(^|/)test_|_fixture\.h$|claims_engines\.h$|toy_")
    found = sorted(p for p in (ROOT / folder).iterdir() if p.suffix in (".cpp", ".h"))
    return [p.relative_to(ROOT) for p in found if not helper.search(p.name)]


def refresh_tree():
    """Copies what differs, so that only that is built again."""
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\0")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    for name in wanted:
        put(TREE / name, (ROOT / name).read_bytes())
        shutil.copymode(ROOT / name, TREE / name)
    for path in list(TREE.rglob("*")):
        if path.is_file() and str(path.relative_to(TREE)) not in wanted:
            path.unlink()


def put(path, data):
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def configure():
    put(WORK / "switch.h", SWITCH.encode())
    if (OUT / "build.ninja").exists():
        return
    # So a step past an end is seen, which else may happen to change nothing.
    flags = f"-O0 -Wno-error -w -D_GLIBCXX_ASSERTIONS -include {WORK / 'switch.h'}"
    subprocess.run(["cmake", "-S", TREE, "-B", OUT, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                    "-DWEFT_SANITIZE=address,undefined",
                    f"-DCMAKE_CXX_FLAGS={flags}", "-DCMAKE_CXX_FLAGS_DEBUG="], check=True,
                   stdout=subprocess.DEVNULL)


def build(targets):
    done = subprocess.run(["cmake", "--build", OUT, "--target", *targets, "--", "-k", "0"],
                          capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def build_with(folder, targets):
    """Compiles the mutants in; those the compiler refuses (constant expressions) are left out."""
    refused = set()
    while True:
        number, found = 1, []
        for path in sources(folder):
            text = (ROOT / path).read_text(encoding="utf-8")
            changed, mine = mutants.plant(text, number, {l for p, l in refused if p == str(path)})
            put(TREE / path, changed.encode())
            found += [{**m, "file": str(path)} for m in mine]
            number += len(mine)
        good, log = build(targets)
        if good:
            return found, len(refused)
        # A template's error is told where it is used, too: each place named may be at fault.
        named = set(re.findall(rf"({re.escape(folder)}/[\w.]+):(\d+):\d+: error", log))
        wrong = {(path, int(line)) for path, line in named} - refused
        if not wrong:
            sys.exit("mutate: the build fails:\n" + log[-3000:])
        refused |= wrong


def killed(binaries, number, limit=60):
    env = {**os.environ, "WEFT_MUTANT": str(number), "ASAN_OPTIONS": "hard_rss_limit_mb=1024"}
    for binary in binaries:
        try:
            argv = [binary, "--gtest_brief=1", "--gtest_break_on_failure=0", "--gtest_fail_fast"]
            done = subprocess.run(argv, env=env, capture_output=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            return True
        if done.returncode != 0:
            return True
    return False


class Targets:
    """The mutants that tests have seen. They need not be run again while their source stays the
    same: tests are added, hardly taken away. Survivors are run again."""

    def __init__(self, folder):
        self._path = WORK / f"{folder.replace('/', '_')}.json"
        self._killed = set()
        if self._path.exists():
            self._killed = set(json.loads(self._path.read_text(encoding="utf-8")))

    def is_killed(self, mutant):
        return self._key(mutant) in self._killed

    def kill(self, mutant):
        self._killed.add(self._key(mutant))
        self._path.write_text(json.dumps(sorted(self._killed)), encoding="utf-8")

    @staticmethod
    def _key(mutant):
        digest = hashlib.sha256((ROOT / mutant["file"]).read_bytes()).hexdigest()[:12]
        return f"{mutant['file']}:{digest}:{mutant['line']}:{mutant['column']}:{mutant['kind']}"


def check(folder, targets, found, minutes):
    """(how many survived, how many were not tested in time)."""
    binaries = [str(next(p for p in OUT.rglob(t) if p.is_file())) for t in targets]
    began = time.monotonic()
    if killed(binaries, 0):
        sys.exit("mutate: the tests fail without any mutant")
    limit = RUN_LIMIT * max(1, time.monotonic() - began)
    checked, survivors, late = Targets(folder), 0, 0
    give_up = time.monotonic() + 60 * minutes
    for mutant in found:
        if tests.is_killed(mutant):
            continue
        if time.monotonic() > give_up:
            late += 1
        elif killed(binaries, mutant["number"], limit):
            tests.kill(mutant)
        else:
            survivors += 1
            say(f"{mutant['file']}:{mutant['line']}: {mutant['kind']}: {mutant['text']}")
    return survivors, late


def main():
    parser = argparse.ArgumentParser(prog="./dev mutate", description=__doc__)
    parser.add_argument("folder", help="agent/stitch")
    parser.add_argument("--tests", default="", help="rooms whose tests run, too: pipeline,storage")
    parser.add_argument("--minutes", type=float, default=30, help="stop judging after so long")
    args = parser.parse_args()
    folder = args.folder.strip("/")
    if not (ROOT / folder).is_dir():
        parser.error(f"no folder {folder}")
    room = pathlib.Path(folder).name
    rooms = [room, *filter(None, args.tests.split(","))]
    targets = [f"{name}_test" for name in rooms]
    TREE.mkdir(parents=True, exist_ok=True)
    refresh_tree()
    configure()
    found, refused = build_with(folder, targets)
    say(f"{len(found)} mutants of {folder}, tested by {', '.join(targets)}"
        + (f"; {refused} lines are constant expressions" if refused else ""))
    survivors, late = check(folder, targets, found, args.minutes)
    say(f"{len(found) - survivors - late} killed, {survivors} survived, {late} not tested")
    return 1 if survivors or late else 0


if __name__ == "__main__":
    sys.exit(main())
