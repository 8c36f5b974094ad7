#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent in a privileged, host-pid container traces the host and other containers.

docker_test.py [--weft PATH]

The image is built by build-image.sh. A chain runs over the container boundary: caller and
service A on the host, service B in a container; a second container has its own network and
holds both ends. Spans of a contained process carry that container's id, others none.
"""
import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support" / "py"))
from dockerd import Dockerd  # noqa: E402
from weft_chain import check, run  # noqa: E402
from weft_harness import agent, otlp, procs, report  # noqa: E402

COUNT = 12
VIEW, IMAGE, ISOLATED = "host-view:test", "weft:test", "isolated"


def need(condition, reason):
    if not condition:
        raise report.Skip(reason)


def host_state():
    """What a Docker daemon usually changes on a host."""
    rules = "".join(subprocess.run([procs.which(tool)], capture_output=True, text=True, check=False).stdout
                    for tool in ("iptables-save", "ip6tables-save") if procs.which(tool))
    kept = [line.split("[")[0] for line in rules.splitlines() if not line.startswith("#")]
    forward = pathlib.Path("/proc/sys/net/ipv4/ip_forward").read_text(encoding="ascii")
    return kept, sorted(os.listdir("/sys/class/net")), forward


def contained_service(docker, name, network, port, *flags):
    """Runs the chain's service with the host's python in a container; its 64-hex id."""
    return docker.run("run", "-d", "--name", name, "--network", network, "-v", "/usr:/usr:ro",
                      "-v", f"{ROOT}:{ROOT}:ro", "-e", f"OTEL_SERVICE_NAME={name}", *flags, VIEW,
                      procs.python(), run.PROGRAM, "serve", port)


def build_image(docker, weft):
    done = subprocess.run([HERE / "build-image.sh", "-b", weft, "-t", IMAGE], capture_output=True,
                          env={**os.environ, "DOCKER_HOST": docker.host}, text=True, check=False)
    report.expect(done.returncode == 0, f"build-image.sh: {done.stderr.strip()[-500:]}")


class ContainedAgent:
    """The agent as deploy/docker/README.md says to run it."""

    def __init__(self, docker, out):
        self._docker = docker
        self._port = procs.free_port()
        out.mkdir()
        self.log = otlp.SpanLog(out / "spans.jsonl")
        docker.run("run", "-d", "--name", "weft", "--privileged", "--pid=host", "--network=host",
                   "--cgroupns=host", "-v", f"{out}:/out", IMAGE, "run", "--budget", "off", "--exporter",
                   "otlp_file:path=/out/spans.jsonl,schedule_delay=200", "--admin",
                   f"127.0.0.1:{self._port}")
        procs.wait_until(lambda: run.healthy(self._port) or not self._running(), timeout=30)
        report.expect(run.healthy(self._port), "the agent's container does not get ready: " + self.output())

    def _running(self):
        return self._docker.run("inspect", "-f", "{{.State.Running}}", "weft") == "true"

    def output(self):
        return self._docker.try_run("logs", "--tail", "8", "weft")[1]

    def stop(self):
        """Problems of the stop."""
        self._docker.run("stop", "-t", "30", "weft")
        code = self._docker.run("inspect", "-f", "{{.State.ExitCode}}", "weft")
        return [] if code == "0" else [f"the agent's exit code is {code}: {self.output()}"]


def container_problems(spans, ids):
    """ids: service name → container id, absent for a process of the host."""
    return [f"container.id {span.resource.get('container.id')}, expected {ids.get(span.service)}: {span}"
            for span in spans if span.resource.get("container.id") != ids.get(span.service)]


def isolated_problems(spans):
    """Both ends in one container with its own network: every request a pair in one trace."""
    clients = [s for s in spans if s.service == ISOLATED and s.is_client]
    servers = [s for s in spans if s.service == ISOLATED and s.is_server]
    found = []
    if (len(clients), len(servers)) != (COUNT, COUNT):
        found.append(f"isolated: {len(clients)} client and {len(servers)} server spans, expected {COUNT}")
    parents = {s.span_id: s for s in clients}
    for server in servers:
        client = parents.get(server.parent_id)
        if not client or client.path != server.path or client.trace_id != server.trace_id:
            found.append(f"isolated: wrong parent of {server}")
    return found


def trace(group, docker, rep):
    ids, port_b, port_isolated = {}, procs.free_port(), procs.free_port()
    docker.import_host_view(VIEW)
    ids[check.B] = contained_service(docker, check.B, "host", port_b)
    ids[ISOLATED] = contained_service(docker, ISOLATED, "none", port_isolated)
    group.wait_port(port_b)
    port_a = run.start_service(group, check.A, port_b)
    weft = ContainedAgent(docker, group.work / "out")
    answers = run.send_requests(port_a, COUNT)
    docker.run("exec", ISOLATED, procs.python(), run.PROGRAM, "call", port_isolated, COUNT, 1)
    ours = {check.CALLER, check.A, check.B, ISOLATED}
    procs.wait_until(lambda: sum(s.service in ours for s in weft.log.read()) >= 6 * COUNT, timeout=20)
    stopped = weft.stop()
    spans = [s for s in weft.log.read() if s.service in ours]
    rep.result("docker.chain", check.problems(spans, COUNT) + (["wrong answers"] if answers else []),
                f"{COUNT} requests, host → host → container, one trace each")
    rep.result("docker.isolated", isolated_problems(spans), "a container with its own network")
    rep.result("docker.container_id", container_problems(spans, ids), f"{len(spans)} spans")
    rep.result("docker.stop", stopped)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weft", default=str(agent.default_weft()))
    options = parser.parse_args()
    report.need_root()
    report.need_agent(options.weft)
    rep, before = report.Report(), host_state()
    with procs.Group("weft-docker") as group:
        try:
            for tool in ("dockerd", "docker", "debootstrap"):
                need(procs.which(tool), f"{tool} is not installed")
            with Dockerd(group) as docker:
                build_image(docker, options.weft)
                trace(group, docker, rep)
        except report.Skip as reason:
            rep.skips("docker", str(reason))
        except report.Failure as reason:
            rep.fails("docker", str(reason))
    after = host_state()
    rep.result("docker.host_untouched", [] if after == before else [f"was {before}, is {after}"])
    return rep.exit_code()


if __name__ == "__main__":
    sys.exit(main())
