# SPDX-License-Identifier: Apache-2.0
"""Recordings made longer: the same traffic again and again, by other connections of the same
processes. Layout: bpf/abi/weft_event.h."""
import re
import struct

VERSION = 4
EXEC, FORK, EXIT, OPEN, DATA, CLOSE, FILE, FILE_IO, RENAME, PROBE, CONTEXT = range(1, 12)
UNIX = 1
GONE = 4
HEADER = 24  # bytes, of the file

# Offsets of 64-bit fields, by what a repetition adds to them.
TIMES = {OPEN: (40,), FILE_IO: (32,), PROBE: (24,)}  # besides the time of each record
CONNECTIONS = {OPEN: (24, 64), DATA: (24,), CLOSE: (24,)}
EXCHANGES = {DATA: (32, 40), FILE_IO: (40,), PROBE: (32,), CONTEXT: (24, 32)}
INODES = {OPEN: (48, 56)}
POSITIONS = {DATA: (56,), CLOSE: (32, 40, 48)}  # TCP only
PAYLOAD = 80  # offset in DATA
FAMILY, HOW = 108, 60  # offsets in OPEN, in CLOSE
TRACEPARENT = re.compile(rb"00-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{8})([0-9a-f]{8})-")


def records(raw):
    """(kind, bytes) of each record."""
    version = struct.unpack_from("<I", raw, 8)[0]
    if version != VERSION:
        raise ValueError(f"format version {version}: weft_harness/recordings.py knows {VERSION}")
    at = HEADER
    while at < len(raw):
        kind, _, size = struct.unpack_from("<HHI", raw, at)
        yield kind, raw[at:at + size]
        at += size + 7 & ~7


def _add(record, offsets, amount):
    for offset in offsets:
        value = struct.unpack_from("<Q", record, offset)[0]
        if value:  # 0 is none, or unknown
            struct.pack_into("<Q", record, offset, value + amount & 2 ** 64 - 1)


def _others_contexts(payload, turn):
    """A trace context of its own, of the same length."""
    def other(match):
        trace, span = (int(match[i], 16) + turn & 2 ** 32 - 1 for i in (1, 3))
        return b"00-%08x%s-%08x%s-" % (trace, match[2], span, match[4])
    return TRACEPARENT.sub(other, payload)


class _Repeater:
    def __init__(self, raw):
        self.all = [(kind, body) for kind, body in records(raw) if kind != EXIT]
        times = [struct.unpack_from("<Q", body, 8)[0] for kind, body in self.all if kind != EXEC]
        self.last = max(times)
        self.period = self.last - min(times) + 1_000_000
        self.unix = {self.conn(body) for kind, body in self.all
                     if kind == OPEN and struct.unpack_from("<H", body, FAMILY)[0] == UNIX}

    @staticmethod
    def conn(record):
        return struct.unpack_from("<Q", record, 24)[0]

    def shifted(self, kind, body, turn):
        record = bytearray(body)
        tcp = kind in POSITIONS and self.conn(body) not in self.unix
        _add(record, (8, *TIMES.get(kind, ())), turn * self.period)
        _add(record, CONNECTIONS.get(kind, ()), turn << 40)
        # An even number: the last bit of an exchange id says that it is kept.
        _add(record, EXCHANGES.get(kind, ()), turn * 0x9e3779b97f4a7c16)
        _add(record, INODES.get(kind, ()), turn << 32)
        _add(record, POSITIONS[kind] if tcp else (), turn * 0x100001)
        if kind == DATA:
            record[PAYLOAD:] = _others_contexts(bytes(record[PAYLOAD:]), turn)
        return bytes(record)

    def turn(self, number):
        """All records once; processes and files are introduced by the first turn, and nothing
        stays open."""
        left = {}
        for kind, body in self.all:
            if number and kind in (EXEC, FORK, FILE):
                continue
            record = self.shifted(kind, body, number)
            if kind == OPEN:
                left[self.conn(record)] = True
            if kind == CLOSE and record[HOW] & GONE:
                left.pop(self.conn(record), None)
            yield record
        now = self.last + number * self.period
        for conn in left:
            yield struct.pack("<HHIQIIQQQQIB3x", CLOSE, 0, 64, now, 0, 0, conn, 0, 0, 0, 0, 7)


def repeated(raw, times):
    """The recording, played `times` times one after the other. No process ends."""
    repeater = _Repeater(raw)
    out = bytearray(raw[:HEADER])
    for number in range(times):
        for record in repeater.turn(number):
            out += record.ljust(len(record) + 7 & ~7, b"\0")
    return bytes(out)
