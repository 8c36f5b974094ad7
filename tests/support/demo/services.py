# SPDX-License-Identifier: Apache-2.0
"""The demo's services, curl → nginx → shop → stock, and the shape of their one trace."""
import pathlib
import subprocess

from weft_harness import otlp, procs, programs

HERE = pathlib.Path(__file__).resolve().parent

# (kind, executable or service) from the root down; each the parent of the next.
SHAPE = ((otlp.CLIENT, "curl"), (otlp.SERVER, "nginx"), (otlp.CLIENT, "nginx"),
         (otlp.SERVER, "shop"), (otlp.CLIENT, "shop"), (otlp.SERVER, "stock"))


class Services:
    """Started services; url(path) is the front's."""

    def __init__(self, group):
        for module in ("flask", "requests"):
            programs.need_module(module)
        programs.need("curl")
        nginx = programs.need("nginx")
        self._group = group
        stock = procs.free_port()
        self.stock = self._python("stock", "stock.py", stock)
        shop = procs.free_port()
        self.shop = self._python("shop", "shop.py", shop, stock)
        self.port = procs.free_port()
        conf = programs.template(HERE / "nginx.conf", group.work / "nginx.conf", WORK=group.work,
                                 PORT=self.port, UPSTREAM=shop)
        self.nginx = group.start([nginx, "-c", conf, "-e", "stderr"], name="nginx")
        group.wait_port(self.port, self.nginx)

    def _python(self, name, script, port, *more):
        proc = self._group.start([procs.python(), script, port, *more], name=name, cwd=HERE,
                                 env={"OTEL_SERVICE_NAME": name, "PYTHONDONTWRITEBYTECODE": "1"})
        self._group.wait_port(port, proc)
        return proc

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path, *options):
        """One curl; returns (status, body)."""
        done = subprocess.run(["curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", *options,
                               self.url(path)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"curl: {done.stderr.strip()}")
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body


def shape_problems(spans):
    """What keeps the spans from being one trace of the demo's shape; empty when they are."""
    found = []
    for kind, name in SHAPE:
        mine = [s for s in spans if s.kind == kind and
                (s.service == name or s.service.endswith(f":{name}"))]
        if len(mine) != 1:
            what = "SERVER" if kind == otlp.SERVER else "CLIENT"
            return [f"{len(mine)} {what} spans of {name}, not 1"]
        found.append(mine[0])
    problems = []
    if len({s.trace_id for s in found}) != 1:
        problems.append(f"{len({s.trace_id for s in found})} traces instead of 1")
    for parent, child in zip(found, found[1:]):
        if child.parent_id != parent.span_id:
            problems.append(f"{child} is not the child of {parent}")
    return problems
