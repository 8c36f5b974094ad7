# SPDX-License-Identifier: Apache-2.0
"""Connections that begin otherwise than by connect() and accept() of IPPROTO_TCP."""
import ctypes
import os
import pathlib
import socket
import subprocess

from weft_harness import case, otlp, programs, report, wire
from weft_harness.case import expect

CLONE_NEWNET = 0x40000000
TCP_FASTOPEN, TCP_FASTOPEN_CONNECT = 23, 30
MPTCP = 262
FAST_OPEN_COUNTS = pathlib.Path("/proc/self/net/netstat")
FAST_OPEN = pathlib.Path("/proc/sys/net/ipv4/tcp_fastopen")  # of each network namespace


def _own_network():
    """For this process: the setting must not be the host's."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError("unshare")
    subprocess.run([programs.need("ip"), "link", "set", "lo", "up"], check=True)
    FAST_OPEN.write_text("3", encoding="ascii")


def _in_the_syn(listener, path):
    conn = socket.socket()  # without a timeout, which would not wait for the first cookie
    conn.sendto(wire.request_bytes(path), socket.MSG_FASTOPEN, listener.getsockname())
    return conn


def _with_the_first_send(listener, path):
    """connect() waits for it."""
    conn = socket.socket()
    conn.settimeout(20)
    conn.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    conn.connect(listener.getsockname())
    conn.sendall(wire.request_bytes(path))
    return conn


def _fast_open(c, begin):
    """The first connection gets a cookie, the others send in the SYN."""
    paths = [f"/early/{n}{kept}" for n in range(4) for kept in ("", "/kept")]
    pids = c.group.work / "pids"

    def world():
        _own_network()
        listener = wire.listen()
        listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
        server = os.fork()
        if server == 0:
            os._exit(wire.serve(listener, wire.answer_all) or 0)
        pids.write_text(f"{os.getpid()} {server}", encoding="ascii")
        try:
            for path in paths[::2]:
                with begin(listener, path) as conn:
                    if wire.answered(wire.Reader(conn))[0] != 200:
                        return 1
                    if wire.ask(conn, path + "/kept")[0] != 200:
                        return 2
        finally:
            os.kill(server, 9)
            os.waitpid(server, 0)
        names, values = FAST_OPEN_COUNTS.read_text(encoding="ascii").splitlines()[:2]
        counts = dict(zip(names.split(), values.split()))
        return 0 if int(counts["TCPFastOpenPassive"]) > 0 else 3
    with c.agent() as tracer:
        c.client(world)
    client, server = map(int, pids.read_text(encoding="ascii").split())
    case.expect_paths(tracer.spans(), server, client, paths)


@case.case
def request_in_the_syn(c):
    _fast_open(c, _in_the_syn)


@case.case
def request_in_the_syn_by_option(c):
    _fast_open(c, _with_the_first_send)


def _mptcp(c, at_server, at_client):
    try:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, at_server)
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, at_client).close()
    except OSError as error:
        raise report.Skip(f"no MPTCP here: {error}") from error
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    paths = [f"/mptcp/{n}/{x}" for n in range(2) for x in range(2)]

    def work():
        for n in range(2):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM, at_client) as conn:
                conn.connect(listener.getsockname())
                for path in paths[2 * n:2 * n + 2]:
                    if wire.ask(conn, path)[0] != 200:
                        return 1
        return 0

    with c.agent() as tracer:
        server = c.fork(lambda: wire.serve(listener, wire.answer_all))
        client = c.client(work)
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        found = case.paths_of(tracer.spans(), kind, pid)
        expect(found == paths, f"spans of {found} instead of {paths}")


@case.case
def mptcp_at_both_ends(c):
    _mptcp(c, MPTCP, MPTCP)


@case.case
def mptcp_at_the_server(c):
    """As Go listens since 1.24."""
    _mptcp(c, MPTCP, 0)


@case.case
def mptcp_at_the_client(c):
    _mptcp(c, 0, MPTCP)
