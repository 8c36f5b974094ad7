# SPDX-License-Identifier: Apache-2.0
"""One side ends its sending and still hears the answers."""
import itertools
import socket

from weft_harness import case, otlp, wire
from weft_harness.case import expect

STATUSES = (200, 404, 500)
ORDERS = tuple(itertools.product((True, False), ("together", "one_by_one", "late")))


def _answer_each(conn):
    """Reads requests to their end, or as they come, and answers each by its number."""
    reader = wire.Reader(conn)
    requests = []
    while message := reader.message():
        requests.append(message[0])
        if "/late/" not in message[0]:
            conn.sendall(_answer(message[0]))
    for first in requests:
        if "/late/" in first:
            conn.sendall(_answer(first))


def _answer(first_line):
    return wire.response_bytes(status=STATUSES[int(first_line.split()[1].rsplit("/", 1)[1])])


def _paths(closes, how):
    return [f"/{how}/{int(closes)}/{number}" for number in range(len(STATUSES))]


@case.case
def pipelined_and_half_closed(c):
    """Pipelined requests, then FIN; answers before and after it."""
    with c.agent() as tracer:
        listener, server = c.server(_answer_each)

        def work():
            for closes, how in ORDERS:
                with wire.connect(listener) as conn:
                    requests = [wire.request_bytes(path) for path in _paths(closes, how)]
                    for part in [b"".join(requests)] if how == "together" else requests:
                        conn.sendall(part)
                    if closes or how == "late":
                        conn.shutdown(socket.SHUT_WR)
                    reader = wire.Reader(conn)
                    if [wire.answered(reader)[0] for _ in requests] != list(STATUSES):
                        return 1
            return 0

        client = c.client(work)
    wanted = sorted((path, status) for order in ORDERS
                    for path, status in zip(_paths(*order), STATUSES))
    for kind, pid in ((otlp.SERVER, server), (otlp.CLIENT, client)):
        found = sorted((s.path, s.code) for s in tracer.spans() if (s.kind, s.pid) == (kind, pid))
        expect(found == wanted, f"{kind}: {found} instead of {wanted}")
