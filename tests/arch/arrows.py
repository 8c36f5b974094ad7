# SPDX-License-Identifier: Apache-2.0
"""Which room may include what. A check yields (path, line, message) for every breach."""
REGISTRIES = {"probes/protocol.def", "probes/engine.def", "probes/library.def", "probes/runtime.def", "exporters/exporter.def"}
# The kernel side expands the protocols' sniffers.
REGISTRY_READERS = {"agent/main.cpp", "probes/registry.cpp", "probes/engines.cpp", "probes/libraries.cpp",
                    "probes/runtimes.cpp", "exporters/registry.cpp", "bpf/lib/look.bpf.h"}

# Sink<T> is a template without dependencies, which span/ names in one alias.
FREE_HEADERS = {"agent/port/sink.h"}

PROBES_SEE = ("agent/base/", "agent/port/", "agent/exchange/", "agent/sql/", "agent/http_semantics/", "bpf/abi/")
EXPORTERS_SEE = ("agent/base/", "agent/port/", "agent/span/", "agent/http/", "exporters/")


def project_includes(tree):
    """(file, line, included path) of includes within the project, tests left out."""
    for file in tree.files.values():
        if file.is_test():
            continue
        for line, _, path in file.includes():
            if path in tree.files:
                yield file, line, path


def probes_and_exporters(tree):
    for file, line, path in project_includes(tree):
        if file.folder.startswith("probes/") and not path.startswith((*PROBES_SEE, file.folder + "/")):
            yield file.path, line, f"probes/ sees only {', '.join(PROBES_SEE)} and its own folder, not {path}"
        if file.folder.startswith("exporters/") and not path.startswith(EXPORTERS_SEE):
            yield file.path, line, f"exporters/ sees only {', '.join(EXPORTERS_SEE)}, not {path}"


def closure(rooms, name):
    seen, todo = set(), [name]
    while todo:
        room = todo.pop()
        if room not in seen:
            seen.add(room)
            todo += rooms.get(room, ("", []))[1]
    return seen


def rooms_match_cmake(tree):
    rooms = tree.rooms()
    by_folder = {folder: name for name, (folder, _) in rooms.items()}
    for file, line, path in project_includes(tree):
        name = by_folder.get(file.folder)
        if not name or path in FREE_HEADERS:
            continue
        if path.startswith(("probes/", "exporters/")):
            yield file.path, line, f"a room of agent/ does not know {path}"
        target = by_folder.get(path.rpartition("/")[0])
        if target and target not in closure(rooms, name):
            yield file.path, line, f"room {name} has no DEPS on {target} in CMakeLists.txt, but includes {path}"
    for file in tree.under("agent"):
        known = any(file.folder == f or file.folder.startswith(f + "/") for f in by_folder)
        if file.is_code() and not known and file.path != "agent/main.cpp":
            yield file.path, 1, "is in no weft_room() of CMakeLists.txt"


def registries(tree):
    """The lists' files. Rooms ask agent/port for protocols() and exporter_kinds(), which the
    executable defines and a test may define otherwise."""
    for file, line, path in project_includes(tree):
        if path in REGISTRIES and file.path not in REGISTRY_READERS:
            yield file.path, line, f"only agent/main.cpp sees a registry, not this file ({path})"


def kernel_only(tree):
    for file in tree.files.values():
        if file.folder in ("agent/kernel",) or file.path.startswith(("bpf/", "tests/")):
            continue
        for line, bracket, path in file.includes():
            if path.endswith(".skel.h") or (bracket == "<" and path.startswith(("bpf/", "linux/bpf"))):
                yield file.path, line, f"only agent/kernel uses libbpf, not {path}"
            if bracket == '"' and path.startswith("bpf/") and not path.startswith("bpf/abi/"):
                yield file.path, line, f"only bpf/abi is shared with user space, not {path}"


def no_cycles(tree):
    edges = {}
    for file, _, path in project_includes(tree):
        edges.setdefault(file.path, []).append(path)
    state = {}

    def walk(path, trail):
        state[path] = "open"
        for target in edges.get(path, []):
            if state.get(target) == "open":
                yield path, 1, "includes itself: " + " > ".join([*trail, path, target])
            elif target not in state:
                yield from walk(target, [*trail, path])
        state[path] = "done"

    for path in list(edges):
        if path not in state:
            yield from walk(path, [])


CHECKS = (probes_and_exporters, rooms_match_cmake, registries, kernel_only, no_cycles)
