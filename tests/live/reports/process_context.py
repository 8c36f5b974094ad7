# SPDX-License-Identifier: Apache-2.0
"""A process that publishes its resource (OTEP 4719) is told by it, and by what it changes it to."""
import subprocess

from weft_harness import case, procs, wire
from weft_harness.report import Skip, expect

# Publishes as an SDK does, when told to: "NAME TEAM". Else asks for a path.
_PUBLISHER = r'''
import ctypes, mmap, os, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)


def block(tag, content):
    size, length = len(content), b""
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([tag << 3 | 2]) + length + bytes([size]) + content


def attribute(key, text):
    return block(1, block(1, key.encode()) + block(2, block(1, text.encode())))


class Context:
    """A header in a mapping called OTEL_CTX, and a payload elsewhere."""

    def __init__(self, anonymous):
        if anonymous:
            self.memory = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        else:
            fd = os.memfd_create("OTEL_CTX")
            os.ftruncate(fd, 4096)
            self.memory = mmap.mmap(fd, 4096)
            os.close(fd)
        self.memory.madvise(mmap.MADV_DONTFORK)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.payload = None

    def publish(self, **attributes):
        text = b"".join(attribute(k.replace("_", "."), v) for k, v in attributes.items())
        following = ctypes.create_string_buffer(block(1, text))
        self.memory[16:24] = bytes(8)  # being changed
        self.memory[8:16] = struct.pack("<II", 2, len(following.raw) - 1)
        self.memory[24:32] = struct.pack("<Q", ctypes.addressof(following))
        self.memory[16:24] = struct.pack("<Q", time.clock_gettime_ns(time.CLOCK_BOOTTIME))
        self.memory[0:8] = b"OTEL_CTX"
        self.payload = following
        return libc.prctl(0x53564d41, 0, ctypes.c_ulong(self.address), ctypes.c_ulong(4096),
                          b"OTEL_CTX")


context = Context(sys.argv[2] == "anonymous")
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    for line in sys.stdin:
        if not line.startswith("/"):
            name, team = line.split()
            print("named" if context.publish(service_name=name, team=team) == 0 else "unnamed",
                  flush=True)
            continue
        s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % line.strip().encode())
        s.recv(4096)
        print("asked", flush=True)
'''


class Publisher:
    def __init__(self, c, listener, kind, **environment):
        self.proc = c.group.start([procs.python(), "-c", _PUBLISHER, listener.getsockname()[1],
                                   kind], name=kind, env=environment, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)

    def say(self, line):
        self.proc.stdin.write(f"{line}\n".encode())
        self.proc.stdin.flush()
        answer = self.proc.stdout.readline().decode().strip()
        expect(answer, procs.tail(self.proc))
        return answer


def _is(tracer, publisher, path, **wanted):
    """Asks for the path until its span's resource is as wanted."""
    def right():
        publisher.say(path)
        spans = [s for s in tracer.spans() if s.pid == publisher.proc.pid and s.path == path]
        return any({k: s.resource.get(k) for k in wanted} == wanted for s in spans)
    found = procs.wait_until(right, 10, interval=0.3)
    told = [s.resource for s in tracer.spans() if s.pid == publisher.proc.pid][-1:]
    expect(found, f"{path}: told {told} instead of {wanted}")


def _follow(c, kind):
    listener, _ = c.server(wire.answer_all)
    # Both: who publishes has an SDK, whose spans would be preferred.
    with c.agent("--existing-instrumentation", "both") as tracer:
        publisher = Publisher(c, listener, kind, OTEL_RESOURCE_ATTRIBUTES="team=variable")
        _is(tracer, publisher, "/before", **{"service.name": "python", "team": "variable"})
        if publisher.say("published sdk") == "unnamed" and kind == "anonymous":
            raise Skip("this kernel gives anonymous mappings no names")
        _is(tracer, publisher, "/after", **{"service.name": "published", "team": "variable",
                                            "process.pid": publisher.proc.pid,
                                            "telemetry.sdk.name": "weft"})
        publisher.say("changed sdk")
        _is(tracer, publisher, "/changed", **{"service.name": "changed"})


@case.case
def process_context_in_a_memfd(c):
    """It begins later than the process, and changes."""
    _follow(c, "memfd")


@case.case
def process_context_in_anonymous_memory(c):
    _follow(c, "anonymous")


@case.case
def process_context_is_an_sdks(c):
    """Who publishes one tells itself: its requests are not told twice."""
    listener, server = c.server(wire.answer_all)
    with c.agent() as tracer:
        publisher = Publisher(c, listener, "memfd")
        publisher.say("published sdk")
        for n in range(3):
            publisher.say(f"/quiet/{n}")
        tracer.wait_spans(lambda spans: len([s for s in spans if s.pid == server]) == 3)
    told = [s for s in tracer.spans() if s.pid == publisher.proc.pid]
    expect(not told, f"told: {told[:1]}")
    expect(len(case.paths_of(tracer.spans(), 2, server)) == 3, "the server is told")
