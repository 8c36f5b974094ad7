# SPDX-License-Identifier: Apache-2.0
"""One trace from the request to the disk, through applications of every kind."""
import os

from weft_harness import case, chains, databases, orders, pins, procs, programs
from weft_harness.report import Skip, expect

APPS = procs.repo_root() / "tests" / "live" / "storage" / "apps"
REQUESTS = {1: 30, 8: 160}  # by concurrency
JDBC = "/usr/share/java/postgresql.jar"


def app(certain):
    """certain: the thread is the task, so that every request must be whole."""
    def register(argv_of):
        def end_to_end(c):
            run(c, argv_of, certain)
        end_to_end.__name__ = f"app_{argv_of.__name__}"
        case.case(end_to_end)
        return argv_of
    return register


def run(c, argv_of, certain):
    argv, env = argv_of(c.group)
    server = databases.postgres(c.group)
    server.query("create database bench")
    server.query("create table orders(n int)", "bench")
    server.calm("bench")
    port = procs.free_port()
    proc = c.group.start([str(a).format(port=port, database=server.port) for a in argv],
                         name="app", env={"PYTHONDONTWRITEBYTECODE": "1", **env})
    c.group.wait_port(port, proc)
    numbers = {}
    with c.agent() as tracer:
        for concurrency, count in REQUESTS.items():
            numbers[concurrency] = [1000 * concurrency + n for n in range(count)]
            paths = map(orders.path, numbers[concurrency])
            failures = chains.send_load(port, paths, concurrency, "POST")
            expect(not failures, "\n".join([f"load: {f}" for f in failures[:5]]))
        actors = orders.Actors({os.getpid()}, {proc.pid, *procs.children(proc.pid)},
                               server.is_mine)
    found = orders.Orders(tracer.spans(), actors)
    problems = []
    for concurrency, mine in numbers.items():
        problems += _problems(found.check(mine), concurrency, certain)
    if found.needless:
        problems.append(f"{found.needless} commits have no flush")
    expect(not problems, "\n".join(problems))


def _problems(tally, concurrency, certain):
    note = f"right {tally.right}  wrong {tally.wrong}  orphan {tally.orphan}"
    print(f"  concurrency {concurrency}  requests {tally.requests}  {note}", flush=True)
    problems = tally.examples[:3] + tally.problems[:3]
    if tally.unjoined:
        problems.append(f"{tally.unjoined} server spans without their client")
    if certain and tally.orphan:
        problems.append(f"at {concurrency}: {tally.orphan} requests are in more than one trace")
    return problems


def _python(script, *modules):
    for module in modules:
        programs.need_module(module)
    return [procs.python(), APPS / script, "{port}", "{database}"]


@app(certain=True)
def flask_psycopg2(_):
    return _python("flask_orders.py", "flask", "psycopg2"), {}


@app(certain=True)
def threads_autocommit(_):
    return _python("threads_orders.py", "psycopg2"), {}


@app(certain=False)
def fastapi_sqlalchemy(_):
    return [*_python("fastapi_orders.py", "fastapi", "uvicorn", "sqlalchemy", "asyncpg"),
            "sqlalchemy+asyncpg"], {}


@app(certain=False)
def fastapi_sqlalchemy_psycopg(_):
    """Debian's SQLAlchemy is too old for this driver; newer ones want a newer Python module."""
    newer = [pins.python("SQLAlchemy"),
             pins.python("typing_extensions")]
    return [*_python("fastapi_orders.py", "fastapi", "uvicorn", "greenlet", "psycopg"),
            "sqlalchemy+psycopg"], {"PYTHONPATH": ":".join(map(str, newer))}


@app(certain=False)
def fastapi_psycopg(_):
    return [*_python("fastapi_orders.py", "fastapi", "uvicorn", "psycopg"), "psycopg"], {}


@app(certain=False)
def node_pg(_):
    modules = pins.node("pg")
    return [programs.need("node"), APPS / "node_orders.js", "{port}", "{database}"], \
        {"NODE_PATH": str(modules)}


@app(certain=False)
def go_database_sql(group):
    binary = programs.build_go_with(APPS / "orders.go", group.work / "orders",
                                    "github.com/lib/pq")
    return [binary, "{port}", "{database}"], {}


@app(certain=False)
def java_jdbc(group):
    if not os.access(JDBC, os.R_OK):
        raise Skip("libpostgresql-jdbc-java is not installed")
    programs.build_java(APPS / "Orders.java", group.work)
    return [programs.need("java"), "-Dsun.net.httpserver.nodelay=true", "-cp",
            f"{group.work}:{JDBC}", "Orders", "{port}", "{database}"], {}
