# SPDX-License-Identifier: Apache-2.0
"""The demo's services, curl → nginx → shop → PostgreSQL, and the shape of their traces."""
import contextlib
import pathlib
import subprocess
import threading
import time

from weft_harness import databases, otlp, procs, programs

HERE = pathlib.Path(__file__).resolve().parent

# (kind, service, beginning of the name) from the root down; each the parent of the next.
SHAPE = ((otlp.CLIENT, "curl", "POST"), (otlp.SERVER, "nginx", "POST"),
         (otlp.CLIENT, "nginx", "POST"), (otlp.SERVER, "shop", "POST"),
         (otlp.CLIENT, "shop", "COMMIT"), (otlp.SERVER, "postgres", "COMMIT"),
         (otlp.INTERNAL, "postgres", "wal.flush"), (otlp.INTERNAL, "postgres", "wal.sync"))

TABLES = """
create table books (id int primary key, title text);
insert into books values (1, 'Moby-Dick'), (2, 'Middlemarch'), (3, 'Walden');
create table orders (id serial primary key, book int references books);
"""


class Services:
    """Started services; url(path) is the front's."""

    def __init__(self, group):
        for module in ("flask", "psycopg2"):
            programs.need_module(module)
        programs.need("curl")
        nginx = programs.need("nginx")
        self._group = group
        self.postgres = databases.postgres(group)
        self.postgres.query("create database shop")
        self.postgres.query(TABLES, "shop")
        self.shop_port = shop = procs.free_port()
        self.shop = group.start([procs.python(), "shop.py", shop, self.postgres.port], name="shop",
                                cwd=HERE, env={"OTEL_SERVICE_NAME": "shop",
                                               "PYTHONDONTWRITEBYTECODE": "1"})
        group.wait_port(shop, self.shop)
        self.port = procs.free_port()
        conf = programs.template(HERE / "nginx.conf", group.work / "nginx.conf", WORK=group.work,
                                 PORT=self.port, UPSTREAM=shop)
        self.nginx = group.start([nginx, "-c", conf, "-e", "stderr"], name="nginx")
        group.wait_port(self.port, self.nginx)

    def pids(self):
        return [self.nginx.pid, self.shop.pid, self.postgres.proc.pid]

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def curl(self, method, path, *more):
        """One curl to the front, `more` its further arguments; returns (status, body)."""
        return _curl(method, self.url(path), *more)

    def at_once(self, count, path):
        """Posts from several curls together, to the shop itself."""
        url = f"http://127.0.0.1:{self.shop_port}{path}"
        threads = [threading.Thread(target=_curl, args=("POST", url)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @contextlib.contextmanager
    def busy_disk(self):
        """Meanwhile another program writes much, and syncs, where the database lies."""
        target = self.postgres.folder / "somebody-elses-file"
        other = self._group.start(["dd", "if=/dev/zero", f"of={target}", "bs=8M", "count=256",
                                   "oflag=sync"], name="dd")
        time.sleep(0.3)
        try:
            yield
        finally:
            self._group.stop(other)
            target.unlink(missing_ok=True)


def _curl(method, url, *more):
    done = subprocess.run(["curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}",
                           "-X", method, *more, url], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"curl: {done.stderr.strip()}")
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def shape_problems(spans):
    """What keeps the spans from being one trace of the demo's shape; empty when they are."""
    found = []
    for kind, service, name in SHAPE:
        mine = [s for s in spans if s.kind == kind and s.name.startswith(name) and
                (s.service == service or s.service.endswith(f":{service}"))]
        if len(mine) != 1:
            return [f"{len(mine)} spans {name} of {service} (kind {kind}), not 1"]
        found.append(mine[0])
    problems = []
    if len({s.trace_id for s in found}) != 1:
        problems.append(f"{len({s.trace_id for s in found})} traces instead of 1")
    for parent, child in zip(found, found[1:]):
        if child.parent_id != parent.span_id:
            problems.append(f"{child} is not the child of {parent}")
    return problems


def trace_of(spans, tag):
    """The spans of the traces whose URL carries the tag."""
    traces = {s.trace_id for s in spans
              if tag in s.attributes.get("url.full", "") + s.attributes.get("url.query", "")}
    return [s for s in spans if s.trace_id in traces]


def waits(spans):
    """Waits for a flush of another's commit."""
    return [s for s in spans if s.name == "wal.wait" and s.links]


def queries(spans):
    return [s for s in spans if s.kind == otlp.CLIENT and s.name.startswith("SELECT")]


def milliseconds(span):
    return (span.end - span.start) / 1e6

