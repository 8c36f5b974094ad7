#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Many short connections of each family and each way to end, through the whole pipeline: `weft
replay` reads them from a pipe, and its memory does not grow with them. --connections N tries more of
each kind."""
import argparse
import fcntl
import itertools
import struct
import subprocess
import sys
import termios
import time

OPEN, DATA, CLOSE, EXIT = 4, 5, 6, 3
UNIX, IPV4, IPV6 = 1, 2, 10
RX, TX = 0, 1
TURN = 1
GONE = 7
VERSION = 4
SECOND = 1_000_000_000
REQUEST = b"GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ALLOWED_KB = 256  # the allocator's own unrest, which comes with 200 bytes a connection
MOST_ROUNDS = 6  # quarters that are measured, until one of them leaves nothing behind

# What happens after the answer, in this order.
WAYS = {"close": ("close",), "reset": ("reset",), "exit before": ("exit", "close"),
        "exit after": ("close", "exit"), "close lost": ("exit",), "unanswered": ("exit",)}


def record(kind, body, when, pid, tail=b""):
    size = 24 + len(body) + len(tail)
    return (struct.pack("<HHIQII", kind, 0, size, when, pid, pid) + body + tail).ljust(
        (size + 7) & ~7, b"\0")


def opened(conn, family, when, pid):
    local = remote = bytes(16)
    if family != UNIX:
        local, remote = b"\x7f\0\0\1".ljust(16, b"\0"), struct.pack("<I", conn).ljust(16, b"\0")
    body = struct.pack("<QQQQQQ16s16sHHHBBB7x", conn, 0, when, conn, 0, 0, local, remote,
                       80 if family != UNIX else 0, conn % 60000 + 1 if family != UNIX else 0,
                       family, 1, 1, 0)
    return record(OPEN, body, when, pid)


def moved(conn, direction, payload, when, pid):
    body = struct.pack("<QQQQQIIBB6x", conn, conn, 0, 0, 0, len(payload), len(payload), direction, TURN)
    return record(DATA, body, when, pid, payload)


def connection(conn, family, way, when):
    # A process for each connection where it ends; else a few servers that live on.
    pid = 1000 + conn % (1_000_000 if "exit" in WAYS[way] else 20)
    out = [opened(conn, family, when, pid), moved(conn, RX, REQUEST, when + 1, pid)]
    if way != "unanswered":
        out.append(moved(conn, TX, ANSWER, when + 2, pid))
    for step in WAYS[way]:
        if step == "exit":
            out.append(record(EXIT, b"", when + 3, pid))
        else:
            error = 104 if step == "reset" else 0
            out.append(record(CLOSE, struct.pack("<QQQQIB3x", conn, 0, 0, 0, error, GONE), when + 4, 0))
    return b"".join(out)


def resident_kb(process):
    """The exact figure: VmRSS of /proc/PID/status may be some hundred KB off on kernels >= 6.2."""
    with open(f"/proc/{process.pid}/smaps_rollup", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Rss:"))


def wait_until_read(pipe):
    """All that was written is read; what it made is made when the pipe stays empty."""
    while struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]:
        time.sleep(0.001)


class Soak:
    def __init__(self, weft):
        self.process = subprocess.Popen([weft, "replay", "/dev/stdin", "--exporter", "null"],
                                        stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        self.pipe = self.process.stdin
        self.pipe.write(b"WEFTREC\0" + struct.pack("<IIq", VERSION, 0, 0))
        self.now = SECOND
        self.ids = itertools.count(1)

    def feed(self, family, way, count):
        for _ in range(count):
            self.now += SECOND // 50
            self.pipe.write(connection(next(self.ids), family, way, self.now))
        self.pipe.flush()
        wait_until_read(self.pipe)
        return resident_kb(self.process)

    def kind(self, family, way, count, allowed):
        """What a quarter of them leaves behind, at the least: a leak grows with each quarter, while
        a table doubles once, and spans may wait for their exporter while one of them is measured."""
        self.feed(family, way, count // 4)
        before = self.feed(family, way, count // 4)
        least = None
        for _ in range(MOST_ROUNDS):
            now = self.feed(family, way, count // 4)
            least = now - before if least is None else min(least, now - before)
            if least <= allowed:
                break
            before = now
        return least

    def end(self):
        self.pipe.close()
        said = self.process.stderr.read().decode()
        return self.process.wait(), said


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weft", required=True)
    parser.add_argument("--connections", type=int, default=4_000)
    args = parser.parse_args()
    failed = False
    soak = Soak(args.weft)
    for family, way in itertools.product((UNIX, IPV4, IPV6), WAYS):
        allowed = ALLOWED_KB + args.connections // 4 / 5
        grown = soak.kind(family, way, args.connections, allowed)
        fine = grown <= allowed
        failed |= not fine
        print(f"{'PASS' if fine else 'FAIL'} family {family}, {way}: {grown:+} KB")
    code, said = soak.end()
    if code:
        print(f"FAIL exit {code}: {said}")
    sys.exit(1 if failed or code else 0)


if __name__ == "__main__":
    main()
