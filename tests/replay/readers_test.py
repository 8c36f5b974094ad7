#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever file a command is given, it ends by itself, with an exit code of its own and, where
that is not 0, one line that names the file. Random changes come from a fixed seed; --rounds N
tries more of them."""
import argparse
import concurrent.futures
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE.parent / "fuzz" / "corpus" / "config_file" / "all.yaml"
BAD_RECORDING, BAD_CONFIG, WRITE_FAILED = 10, 4, 11
OWN_LINES = ("I ", "W ")  # the log


def run(argv, stdin=None):
    return subprocess.run(list(map(str, argv)), stdin=stdin, capture_output=True, timeout=60,
                          check=False)


def status(argv, named, codes, stdin=None):
    """Nothing, or what was wrong."""
    done = run(argv, stdin)
    lines = [line for line in done.stderr.decode(errors="replace").splitlines()
             if line and not line.startswith(OWN_LINES) and "weft: warning:" not in line]
    what = f"{' '.join(map(str, argv[1:]))}: exit {done.returncode}: {' | '.join(lines)[:300]}"
    if done.returncode not in codes:
        return what
    if done.returncode == 0:
        return None
    return None if len(lines) == 1 and str(named) in lines[0] else what


class Readers:
    def __init__(self, weft, work, rounds, limits):
        self.weft, self.work = weft, work
        self.limits = limits
        self.random = random.Random(20)
        self.recording = (HERE / "demo.weft").read_bytes()
        self.config = CONFIG.read_bytes()
        self.rounds = rounds

    def write(self, name, content):
        file = self.work / name
        file.write_bytes(content)
        return file

    def replay(self, file, codes, **more):
        return status([self.weft, "replay", file, "--exporter", "null"], file, codes, **more)

    def check(self, file, codes):
        return (status([self.weft, "config", "check", file], file, codes)
                or status([self.weft, "config", "print", "--config", file], file, codes))

    def mutated(self, content):
        out = bytearray(content[:self.random.randrange(1, len(content) + 1)])
        for _ in range(self.random.randrange(1, 20)):
            at = self.random.randrange(len(out))
            kind = self.random.randrange(4)
            if kind == 0:
                out[at] = self.random.randrange(256)
            elif kind == 1:
                out[at:at + 4] = self.random.choice((b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f"))
            elif kind == 2:
                del out[at:at + self.random.randrange(1, 64)]
            else:
                out[at:at] = out[:self.random.randrange(1, 64)]
            if not out:
                return b""
        return bytes(out)

    def tasks(self):
        """(name, function) of each thing that is tried."""
        for odd in ("/", "/dev/null", "/dev/zero", "/nonexistent/file", str(self.work), ""):
            yield f"replay {odd}", lambda odd=odd: self.replay(odd, {BAD_RECORDING})
        for odd in ("/", "/dev/null", "/dev/zero", "/nonexistent/file"):
            yield f"config {odd}", lambda odd=odd: self.check(odd, {BAD_CONFIG})
        yield "pipe", self.from_pipe
        yield "slow pipe", self.from_slow_pipe
        yield "hole", self.hole
        yield "odd name", self.odd_name
        for megabytes in self.limits:
            yield f"{megabytes} MB", lambda mb=megabytes: self.no_memory(mb * 1000)
        for to in ("/", "/nonexistent/file"):
            yield f"write {to}", lambda to=to: status(
                [self.weft, "replay", HERE / "demo.weft", "--exporter", f"otlp_file:path={to}"],
                to, {WRITE_FAILED})
        for cut in (1, 8, 12, 23, 25, 47, 48, 100, 1000, len(self.recording) - 1):
            file = self.write(f"cut{cut}", self.recording[:cut])
            yield f"cut at {cut}", lambda file=file: self.replay(file, {BAD_RECORDING})
        for n in range(self.rounds):
            recording = self.write(f"mutated{n}.weft", self.mutated(self.recording))
            config = self.write(f"mutated{n}.yaml", self.mutated(self.config))
            yield f"mutated recording {n}", lambda file=recording: self.replay(
                file, {0, BAD_RECORDING})
            yield f"mutated configuration {n}", lambda file=config: status(
                [self.weft, "config", "print", "--config", file], file, {0, BAD_CONFIG})

    def from_pipe(self):
        with open(HERE / "demo.weft", "rb") as whole:
            cat = subprocess.Popen(["cat"], stdin=whole, stdout=subprocess.PIPE)
            with cat:
                return self.replay("/dev/stdin", {0}, stdin=cat.stdout)

    def from_slow_pipe(self):
        """A byte at a time, and cut."""
        fifo = self.work / "fifo"
        os.mkfifo(fifo)

        def feed():
            with open(fifo, "wb", buffering=0) as out:
                for byte in self.recording[:200]:
                    out.write(bytes([byte]))
        writer = threading.Thread(target=feed)
        writer.start()
        said = self.replay(fifo, {BAD_RECORDING})
        writer.join()
        return said

    def hole(self):
        file = self.write("hole", self.recording)
        os.truncate(file, 100 << 30)
        return self.replay(file, {BAD_RECORDING})

    def odd_name(self):
        file = self.write("two\nlines", b"")
        done = run([self.weft, "replay", file])
        lines = done.stderr.decode().splitlines()
        return None if (done.returncode, len(lines)) == (BAD_RECORDING, 1) else f"{lines}"

    def no_memory(self, kilobytes):
        """std::bad_alloc, and what a library throws for want of memory, is one line too. Where
        there is not enough to load the libraries it is nothing of ours."""
        def under_limit(*argv):
            words = " ".join(str(word) for word in argv)
            return run(["/bin/sh", "-c", f"ulimit -v {kilobytes}; exec {self.weft} {words}"])
        if under_limit("--version").returncode != 0:
            return None
        done = under_limit("replay", HERE / "demo.weft")
        said = done.stderr.decode(errors="replace")
        fine = done.returncode in (0, 1) and "terminate" not in said
        return None if fine else f"exit {done.returncode}: {said[:300]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weft", required=True)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--memory-as-it-is", action="store_true",
                        help="a sanitizer ends the program itself where memory is refused")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(4) as pool:
        readers = Readers(pathlib.Path(args.weft).resolve(), pathlib.Path(work), args.rounds,
                          () if args.memory_as_it_is else range(12, 40, 2))
        tried = [(name, pool.submit(task)) for name, task in readers.tasks()]
        wrong = [(name, task.result()) for name, task in tried if task.result()]
    for name, what in wrong:
        print(f"FAIL {name}: {what}")
    print(f"{len(tried) - len(wrong)} of {len(tried)} inputs ended as they should")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
