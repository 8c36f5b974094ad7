#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two tenants of the seams that exist in tests only, in an agent that has their rows:

layer   two processes speak HTTP over a library that encrypts, as TLS does: every request is one
        client and one server span, joined, and nothing is made of what the sockets moved; with
        and without storage, whose programs tell of mapped libraries too
tasks   a proxy on tasks of its own in one thread, with many requests at a time: the parent of each
        request it sends is the one that its task works for"""
import http.client
import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support" / "py"))
from weft_harness import agent, cli, otlp, procs, report  # noqa: E402

SEALED, AT_ONCE, ROUNDS = 40, 20, 3


WITHOUT_STORAGE = """file_format: "1.0"
distribution:
  weft:
    storage:
      enabled: false
"""


def layer_alone(out, args, group):
    config = group.work / "weft.yaml"
    config.write_text(WITHOUT_STORAGE, encoding="ascii")
    layer(out, args, group, "layer_alone", ["--config", config])


def layer(out, args, group, name="layer", flags=()):
    seal = [procs.python(), HERE / "seal_http.py", pathlib.Path(args.programs) / "libweftseal.so"]
    early, port = procs.free_port(), procs.free_port()
    # One server runs before the agent does, one is started under its eyes.
    server = group.start([*seal, "serve", early], name="seal-early",
                         env={"OTEL_SERVICE_NAME": "seal"})
    group.wait_port(early, server)
    with agent.Agent(group, args.weft, [*cli.agent_flags(args), *flags], name=name) as tracer:
        server = group.start([*seal, "serve", port], name="seal-late",
                             env={"OTEL_SERVICE_NAME": "seal"})
        group.wait_port(port, server)
        for to in (early, port):
            asked = group.start([*seal, "ask", to, SEALED], name=f"seal-ask-{to}",
                                env={"OTEL_SERVICE_NAME": "seal"})
            report.expect(asked.wait(60) == 0, "the client got a wrong answer")
        tracer.wait_spans(lambda spans: len(of(spans, "seal")) >= 4 * SEALED)
    found = of(tracer.spans(), "seal")
    index = otlp.Index(found)
    problems = [] if len(found) == 4 * SEALED else [f"{len(found)} spans, expected {4 * SEALED}"]
    for number in range(SEALED):
        clients = index.at(f"/sealed/{number}", otlp.CLIENT)
        servers = index.at(f"/sealed/{number}", otlp.SERVER)
        if len(clients) != 2 or len(servers) != 2:
            problems.append(f"request {number}: {len(clients)} client, {len(servers)} server spans")
            continue
        problems += [f"{s}: under {s.parent_id or 'nothing'} by {s.correlation!r}" for s in servers
                     if index.parent(s) not in clients or s.correlation != "connection"]
        problems += [f"{s}: status {s.code}" for s in clients + servers if s.code != 200]
    out.result(name, problems, f"{len(found)} spans")


def of(spans, service):
    return [span for span in spans if span.service == service]


def numbered(spans):
    return [span for span in of(spans, "tasks") if span.path.startswith("/task/")]


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()


def ask_all(port, numbers):
    threads = [threading.Thread(target=ask, args=(port, f"/task/{n}")) for n in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait_for_tasks(tracer, port):
    """Until the agent knows the tasks of the proxy, which started under its eyes: it reads the
    program's file first, and what was asked before that has no task."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ask(port, "/early")
        time.sleep(0.1)
        sent = otlp.Index(of(tracer.spans(), "tasks")).at("/early", otlp.CLIENT)
        if any(span.correlation == "task" for span in sent):
            return
    raise report.Failure("no request has a parent by its task")


def tasks(out, args, group):
    port, behind = procs.free_port(), procs.free_port()
    last = group.start([procs.python(), "-m", "http.server", behind, "--bind", "127.0.0.1"],
                       cwd=group.work)
    group.wait_port(behind, last)
    with agent.Agent(group, args.weft, cli.agent_flags(args), name="tasks") as tracer:
        proxy = group.start([pathlib.Path(args.programs) / "weft_tasks", port, behind],
                            env={"OTEL_SERVICE_NAME": "tasks"})
        group.wait_port(port, proxy)
        wait_for_tasks(tracer, port)
        for begin in range(0, AT_ONCE * ROUNDS, AT_ONCE):
            ask_all(port, range(begin, begin + AT_ONCE))
        tracer.wait_spans(lambda spans: len(numbered(spans)) >= 2 * AT_ONCE * ROUNDS)
        losses = [row for row in tracer.status()["losses"] if row["count"]]
    index = otlp.Index(of(tracer.spans(), "tasks"))
    problems = []
    for number in range(AT_ONCE * ROUNDS):
        received = index.at(f"/task/{number}", otlp.SERVER)
        sent = index.at(f"/task/{number}", otlp.CLIENT)
        if len(received) != 1 or len(sent) != 1:
            problems.append(f"request {number}: {len(received)} received, {len(sent)} sent")
        elif sent[0].parent_id != received[0].span_id or sent[0].correlation != "task":
            problems.append(f"{sent[0]}: under {sent[0].parent_id or 'nothing'} by "
                            f"{sent[0].correlation!r}, not {received[0]}")
    if problems:
        without_path = [str(span) for span in of(tracer.spans(), "tasks") if not span.path]
        problems += [f"lost: {losses}", f"without a path: {without_path}"]
    out.result("tasks", problems, f"{AT_ONCE * ROUNDS} requests, {AT_ONCE} at a time")


def main():
    parser = cli.parser(__doc__)
    parser.add_argument("--programs", required=True, help="folder of libweftseal.so and weft_tasks")
    args = parser.parse_args()
    report.need_root()
    report.need_agent(args.weft)
    out = report.Report()
    with procs.Group("weft-tenants") as group:
        for subject in (layer, layer_alone, tasks):
            try:
                subject(out, args, group)
            except report.Failure as error:
                out.fails(subject.__name__, str(error).splitlines())
    return out.exit_code()


if __name__ == "__main__":
    sys.exit(main())
