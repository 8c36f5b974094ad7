# SPDX-License-Identifier: Apache-2.0
"""A service's own name, wherever in its environment it stands and whatever becomes of it."""
import os
import subprocess

from weft_harness import case, otlp, procs, programs
from weft_harness.report import expect

# As an orchestrator's service links: 16 KB, and in front.
_LINKS = {f"SERVICE_{n:03}_PORT_8080_TCP_ADDR": "10.0.0.1" * 6 for n in range(200)}

_ASK = """
import os, socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    s.sendall(b"GET /%s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" % sys.argv[2].encode())
    s.recv(4096)
"""

# Writes a title over its arguments and environment, then asks when told to.
_TITLED = r"""
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
extern char** environ;
int main(int argc, char** argv) {
  struct sockaddr_in to = {AF_INET, htons(atoi(argv[1])), {htonl(INADDR_LOOPBACK)}, {0}};
  char request[128], answer[512], *end = argv[0];
  int n = snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", argv[2]);
  for (char** e = environ; *e; ++e) end = *e + strlen(*e);
  size_t room = (size_t)(end - argv[0]);
  memset(argv[0], 0, room);
  snprintf(argv[0], room, "titled: worker of %*s OTEL_SERVICE_NAME=wrong", 200, "");
  puts("titled");
  fflush(stdout);
  getchar();
  int s = socket(AF_INET, SOCK_STREAM, 0);
  return argc < 3 || connect(s, (void*)&to, sizeof to) || write(s, request, n) != n ||
         read(s, answer, sizeof answer) <= 0;
}
"""


def _environment(name):
    return {"PATH": os.environ["PATH"], **_LINKS, "OTEL_SERVICE_NAME": name,
            "OTEL_RESOURCE_ATTRIBUTES": "service.namespace=town"}


def _run(argv, name):
    done = subprocess.run([str(a) for a in argv], env=_environment(name), capture_output=True,
                          text=True, timeout=30, check=False)
    expect(done.returncode == 0, done.stderr)


def _titled(binary, port, name):
    proc = subprocess.Popen([str(binary), str(port), name], env=_environment(name),
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    expect(proc.stdout.readline() == b"titled\n", f"{name} does not begin")
    return proc


def _go(proc):
    proc.communicate(b"\n", 30)
    expect(proc.returncode == 0, f"ended with {proc.returncode}")


@case.case
def named_behind_a_long_environment(c):
    """Short programs, scripts, what a shell executes, and servers that write titles."""
    source = c.group.work / "titled.c"
    source.write_text(_TITLED, encoding="ascii")
    binary = programs.build_c(source, c.group.work / "titled", "-w")
    script = c.group.work / "script"
    script.write_text(f"#!{procs.python()}\n{_ASK}", encoding="ascii")
    script.chmod(0o755)
    listener, server = c.server()
    port = listener.getsockname()[1]
    early = _titled(binary, port, "early")
    with c.agent() as tracer:
        _run([procs.python(), "-c", _ASK, port, "short"], "short")
        _run([script, port, "script"], "script")
        _run(["sh", "-c", f"exec env {procs.python()} -c '{_ASK}' {port} shell"], "shell")
        _run([procs.python(), "-c", _ASK, port, "arguments", *["x" * 1000] * 60], "arguments")
        _go(_titled(binary, port, "late"))
        _go(early)
    spans = [s for s in tracer.spans() if s.kind == otlp.CLIENT and s.pid != server]
    told = {s.path.strip("/"): s.resource.get("service.name") for s in spans}
    names = ("short", "script", "shell", "arguments", "late")
    expect(told == {**{name: name for name in names}, "early": "titled"}, f"told {told}")
    spaces = {s.path: s.resource.get("service.namespace") for s in spans}
    expect(all(spaces[f"/{name}"] == "town" for name in names), f"namespaces: {spaces}")
