# SPDX-License-Identifier: Apache-2.0
"""Small programs built for a test: Go, Java and C sources, templates, documents."""
import functools
import os
import pathlib
import shutil
import subprocess

from . import procs
from .report import Skip

_GO_PACKAGES = pathlib.Path("/usr/share/gocode")  # where Debian's golang-*-dev put sources


def need(program, reason=None):
    """Path of a program, or Skip."""
    path = procs.which(program)
    if not path:
        raise Skip(reason or f"{program} is not installed")
    return path


@functools.lru_cache
def _has_module(module):
    test = f"import importlib.util, sys; sys.exit(not importlib.util.find_spec({module!r}))"
    return subprocess.run([procs.python(), "-c", test], check=False).returncode == 0


def need_module(module):
    """Skip unless Debian's Python has the module."""
    if not _has_module(module):
        raise Skip(f"python3-{module} is not installed")


def build_go(source, out):
    _build([need("go"), "build", "-o", out, source], pathlib.Path(source).parent)
    return out


def build_go_with(source, out, package):
    """Also with a package of Debian's golang-*-dev; Skip without it."""
    if not (_GO_PACKAGES / "src" / package).exists():
        raise Skip(f"Debian's Go package {package} is not installed")
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": str(_GO_PACKAGES)}
    _build([need("go"), "build", "-o", out, source], pathlib.Path(source).parent, env)
    return out


def build_go_module(source, out, package, version):
    """Also with a package from Go's module proxy and, if it has C, a compiler; Skip when it
    cannot be had."""
    folder = pathlib.Path(f"{out}.module")
    folder.mkdir()
    shutil.copy(source, folder)
    for argv in (["mod", "init", "load"], ["get", f"{package}@{version}"]):
        _fetch("go", [need("go"), *argv], package, folder)
    _build([need("go"), "build", "-o", out, "."], folder)
    return out


def node_modules(package, version):
    """Folder of an npm package, fetched once into the cache; Skip when it cannot be had."""
    argv = [need("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]
    return _fetched("npm", argv, f"{package}@{version}") / "node_modules"


def python_packages(package, version):
    """Folder of a package from PyPI without what it depends on; as node_modules()."""
    argv = [procs.python(), "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    return _fetched("pip", argv, f"{package}=={version}")


def python_with_dependencies(package, version):
    """The same with all it depends on."""
    argv = [procs.python(), "-m", "pip", "install", "--quiet"]
    return _fetched("pip", argv, f"{package}=={version}+deps",
                    f"--target {{folder}} {package}=={version}")


def maven_artifact(coordinates):
    """A jar from Maven's repository, without what it depends on; as node_modules()."""
    argv = [need("mvn"), "-q", "-B", "-C",
            "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
            f"-Dartifact={coordinates}"]
    folder = _fetched("mvn", argv, coordinates, "-DoutputDirectory={folder}")
    return next(folder.glob("*.jar"))


def cache():
    """Folder of what is fetched once."""
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(home) / "weft"


def _fetched(kind, argv, what, into="{folder} {what}"):
    folder = cache() / kind / what
    if not (folder / "done").exists():
        argv = [*argv, *(word.format(folder=folder, what=what) for word in into.split())]
        _fetch(kind, argv, what)
        (folder / "done").touch()
    return folder


def _fetch(kind, argv, what, cwd=None):
    """Skip when it fails, or hangs as where there is no network."""
    try:
        subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=120, check=True)
    except subprocess.TimeoutExpired:
        raise Skip(f"{kind} cannot fetch {what} within two minutes") from None
    except subprocess.CalledProcessError as error:
        raise Skip(f"{kind} cannot fetch {what}: {error.stderr.strip()[-200:]}") from None


def build_java(source, folder):
    """Compiles into folder; the class is named as the file."""
    need("java")
    _build([need("javac", "javac is not installed (a JRE alone cannot build the server)"),
            "-d", folder, source], folder)
    return folder


def build_c(source, out, *flags):
    _build([need("cc", "no C compiler"), "-O1", "-Wall", *flags, "-o", out, source],
           pathlib.Path(source).parent)
    return out


def build_cpp(source, out, *libraries):
    """Includes are from the root, as everywhere. Skip where a library's headers are missing."""
    for library in libraries:
        if not pathlib.Path("/usr/include", library).exists():
            raise Skip(f"lib{library}-dev is not installed")
    _build([need("c++", "no C++ compiler"), "-std=c++17", "-O1", "-Wall", "-I", procs.repo_root(),
            "-o", out, source, *[f"-l{name}" for name in libraries], "-lpthread"],
           pathlib.Path(source).parent)
    return out


def _build(argv, cwd, env=None):
    done = subprocess.run([str(a) for a in argv], cwd=cwd, capture_output=True, text=True,
                          env=env, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]}: {done.stderr.strip()[-600:]}")


def template(source, out, **values):
    """Writes source with @NAME@ replaced."""
    text = pathlib.Path(source).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    pathlib.Path(out).write_text(text, encoding="utf-8")
    return out


def documents(folder):
    """The files that static servers serve; see tests/live/servers/routes.py."""
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    (folder / "ok").write_bytes(b"ok\n")
    (folder / "chunked").write_bytes(b"piece of an included page\n" * 40)
    (folder / "large").write_bytes(b"abcdefghijklmnopqrstuvwxyz" * 40346)
    with open(folder / "huge", "wb") as f:
        f.truncate(10 << 20)
    folder.chmod(0o755)
    return folder
