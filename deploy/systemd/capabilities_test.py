#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The capabilities of weft.service are enough, and none is too many.

capabilities_test.py [--weft PATH] [--hooks R]

Runs the agent as nobody with exactly the unit's capabilities (setpriv) and traces root's
processes; then once without each of them, which must not work.
"""
import argparse
import os
import pathlib
import re
import shlex
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support" / "py"))
from weft_chain import check, run  # noqa: E402
from weft_harness import agent, procs, report  # noqa: E402

NOBODY = 65534
COUNT = 6


def unit_capabilities():
    """Names without CAP_, as setpriv wants them; bounding and ambient set must agree."""
    text = (HERE / "weft.service").read_text(encoding="utf-8")
    sets = [set(re.search(rf"^{key}=(.*)$", text, re.M).group(1).split())
            for key in ("CapabilityBoundingSet", "AmbientCapabilities")]
    report.expect(sets[0] == sets[1], f"bounding and ambient sets differ: {sets}")
    return sorted(name.removeprefix("CAP_").lower() for name in sets[0])


def confined(group, weft, capabilities, name):
    """A program that is the agent as the unit would start it, with these capabilities."""
    binary = group.work / "weft"
    if not binary.exists():
        shutil.copy(weft, binary)  # nobody may not enter every folder of a checkout
        binary.chmod(0o755)
    wanted = ",".join(["-all"] + [f"+{capability}" for capability in capabilities])
    script = group.work / name
    script.write_text("#!/bin/sh\n" + shlex.join([
        "exec", "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
        "--no-new-privs", f"--bounding-set={wanted}", f"--inh-caps={wanted}",
        f"--ambient-caps={wanted}", str(binary)]) + ' "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return script


def executable_problems(spans):
    """/proc/PID/exe of a process that ran before the agent."""
    wanted = os.path.realpath(procs.python())
    got = {s.resource.get("process.executable.path") for s in spans if s.service in (check.A, check.B)}
    return [] if got == {wanted} else [f"process.executable.path {got}, expected {wanted}"]


def trace(group, program, port, hook_type):
    """Problems of a traced chain; the agent's own refusal is one of them."""
    out = group.work / f"{program.name}.out"
    out.mkdir()
    os.chown(out, NOBODY, NOBODY)
    exporter = f"otlp_file:path={out}/spans.jsonl,schedule_delay=200"
    weft = agent.Agent(group, program, ["--hooks", hook_type], exporter, name=program.name)
    weft.log = agent.otlp.SpanLog(out / "spans.jsonl")
    try:
        weft.start()
    except agent.AgentError as error:
        return [str(error)]
    answers = run.send_requests(port, COUNT)
    weft.wait_spans(run.enough(COUNT), timeout=5)
    code = weft.stop()
    found = check.problems(weft.spans(), COUNT) + executable_problems(weft.spans())
    return found + [f"exit code {code}"] * (code != 0) + ["wrong answers"] * (answers != 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weft", default=str(agent.default_weft()))
    parser.add_argument("--hooks", default="auto")
    options = parser.parse_args()
    report.need_root()
    report.need_agent(options.weft)
    rep, capabilities = report.Report(), unit_capabilities()
    with procs.Group("weft-caps") as group:
        port = run.start_services(group)
        program = confined(group, options.weft, capabilities, "all")
        rep.result("capabilities.enough", trace(group, program, port, options.hooks), " ".join(capabilities))
        for one in capabilities:
            rest = [name for name in capabilities if name != one]
            problems = trace(group, confined(group, options.weft, rest, f"no_{one}"), port, options.hooks)
            rep.result(f"capabilities.needs_{one}", [] if problems else ["works without it"],
                        problems[0] if problems else "")
    return rep.exit_code()


if __name__ == "__main__":
    sys.exit(main())
