# SPDX-License-Identifier: Apache-2.0
"""Sizes, names, lists and words. A check yields (path, line, message) for every breach;
WARNINGS are shown and do not fail."""
import re

MAX_LINES, WANTED_LINES, MAX_BPF_PROGRAM = 500, 300, 200
MAX_PAIRS = 12
MAX_BPF_NAME = 15  # the kernel cuts names at 15 characters
LAST_ID = 255      # ids travel in one byte

# What is made of one folder and one line: (list, word of a line, folder of the folders).
LISTS = (("probes/protocol.def", "PROTOCOL", "probes/protocol"), ("probes/engine.def", "ENGINE", "probes/storage"),
         ("probes/library.def", "LIBRARY", "probes/library"), ("probes/runtime.def", "RUNTIME", "probes/runtime"),
         ("exporters/exporter.def", "EXPORTER", "exporters"))

# Written so that no pattern matches its own line.
FORBIDDEN = (
    (re.compile(r"\b([T]ODO|[F]IXME|[X]XX)\b"), "unfinished work belongs in an issue"),
    (re.compile(r"(?<![\w$.}/-])/(?:[w]ork/(?:main|shared)|[h]ome/\w+/|[t]mp/w\b)"), "a path of one machine"),
    (re.compile(r"\b(?:deb|security|ftp\.\w+)\.[d]ebian\.org|\bproxy\.[g]olang\.org|\bpypi\.[o]rg|"
                r"\bregistry\.[n]pmjs|\brepo1?\.[m]aven|\bregistry-1\.[d]ocker|\bsnapshot\.[d]ebian\.org"),
     "a registry's host name: use the machine's own settings"),
)


def lengths(tree):
    for file in tree.files.values():
        count = len(file.lines)
        if file.path.startswith("bpf/prog/") and count > MAX_BPF_PROGRAM:
            yield file.path, count, f"{count} lines; a BPF program file has at most {MAX_BPF_PROGRAM}"
        elif (file.is_code() or file.is_script()) and count > MAX_LINES:
            yield file.path, count, f"{count} lines; at most {MAX_LINES}"


def long_files(tree):
    for file in tree.files.values():
        if (file.is_code() or file.is_script()) and WANTED_LINES < len(file.lines) <= MAX_LINES:
            yield file.path, len(file.lines), f"{len(file.lines)} lines; {WANTED_LINES} is the aim"


def full_folders(tree):
    stems = {}
    for file in tree.files.values():
        if file.is_code() and not file.is_test():
            stems.setdefault(file.folder, set()).add(file.stem)
    for folder, names in sorted(stems.items()):
        if len(names) > MAX_PAIRS:
            yield folder, 0, f"{len(names)} sources; {MAX_PAIRS} is the aim"


def licence_lines(tree):
    for file in tree.files.values():
        if (file.is_code() or file.is_script()) and file.text.strip():
            if not any("SPDX-License-Identifier:" in line for line in file.lines[:3]):
                yield file.path, 1, "no SPDX-License-Identifier in the first lines"


def pragma_once(tree):
    for file in tree.files.values():
        guarded = "#pragma once" in file.text or re.search(r"^#ifndef \w+_H\b", file.text, re.MULTILINE)
        if file.suffix == ".h" and not guarded:
            yield file.path, 1, "a header without #pragma once"


def forbidden_words(tree):
    for file in tree.files.values():
        for number, line in enumerate(file.lines, 1):
            for pattern, why in FORBIDDEN:
                found = pattern.search(line)
                if found:
                    yield file.path, number, f"'{found.group(0)}': {why}"


def one_definition(tree):
    """Two types of one name in one namespace are one to the linker, silently: it keeps the
    functions of either for both."""
    seen = {}
    for file in tree.files.values():
        if not file.is_code() or file.is_test() or file.path.startswith("bpf/"):
            continue
        spaces = []
        for number, line in enumerate(file.lines, 1):
            opened = re.match(r"namespace\s*([\w:]*)\s*\{", line)
            if opened:
                spaces.append(opened.group(1))
            elif re.match(r"\}\s*//\s*namespace", line):
                spaces.pop()
            name = re.match(r"(?:struct|class|union|enum(?: class)?)\s+(\w+)\b(?!::)[^;]*\{", line)
            if name and all(spaces):  # an unnamed namespace is the file's own
                type_name = "::".join([*spaces, name.group(1)])
                if seen.setdefault(type_name, file.path) != file.path:
                    yield file.path, number, f"{type_name} is defined in {seen[type_name]} too"


def bpf_names(tree):
    program = re.compile(r'SEC\("[^"]+"\)\s*\n\s*(?:static\s+)?int\s+(?:BPF_\w+\()?(\w+)')
    table = re.compile(r'^\}\s*(\w+)\s+(?:__weak\s+)?SEC\("\.maps"\)', re.MULTILINE)
    for file in tree.under("bpf"):
        for pattern in (program, table):
            for match in pattern.finditer(file.text):
                if len(match.group(1)) > MAX_BPF_NAME:
                    line = file.text.count("\n", 0, match.start(1)) + 1
                    yield file.path, line, f"{match.group(1)} is longer than {MAX_BPF_NAME} characters"


def lists(tree):
    """One folder and one line: neither without the other, and no id twice."""
    for path, kind, home in LISTS:
        seen, folders = {}, set()
        for line, fields in tree.definitions(path, kind):
            folders.add(fields[-1])
            for field in fields:
                if field in seen and field != fields[-1]:
                    yield path, line, f"{field} is taken by line {seen[field]}"
                seen.setdefault(field, line)
            if kind != "EXPORTER" and not (fields[0].isdigit() and 1 <= int(fields[0]) <= LAST_ID):
                yield path, line, f"id {fields[0]} is not in 1..{LAST_ID}"
            if not tree.under(f"{home}/{fields[-1]}"):
                yield path, line, f"there is no folder {home}/{fields[-1]}"
        present = {f.path.split("/")[len(home.split("/"))] for f in tree.under(home) if f.folder != home}
        for folder in sorted(present - folders):
            yield path, 1, f"{home}/{folder} has no line here"


def readme_rows(tree):
    if "README.md" not in tree.files:
        return
    for path, kind, home in LISTS:
        for _, fields in tree.definitions(path, kind):
            if not re.search(rf"^\|.*\]\({home}/{fields[-1]}\)", tree.text("README.md"), re.MULTILINE):
                yield "README.md", 1, f"no table row links to {home}/{fields[-1]}"


def dead_links(tree):
    known = set(tree.files) | {f.folder for f in tree.files.values()}
    for folder in list(known):
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            known.add(folder)
    for file in tree.files.values():
        if file.suffix != ".md":
            continue
        for number, line in enumerate(file.lines, 1):
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
                if "://" in target or target.startswith("mailto:"):
                    continue
                if resolve(file.folder, target) not in known:
                    yield file.path, number, f"link to {target}: no such file"


def cited_pages(tree):
    """Comments name pages of docs/; another project's page carries its name before it."""
    for file in tree.files.values():
        for number, line in enumerate(file.lines, 1):
            for page in re.findall(r"(?<![\w/-])(?<!proto )docs/[\w/-]+\.md", line):
                if page not in tree.files and file.suffix != ".md":
                    yield file.path, number, f"cites {page}: no such file"


def resolve(folder, target):
    parts = [] if folder == "." else folder.split("/")
    for part in target.rstrip("/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or "."


CHECKS = (lengths, licence_lines, pragma_once, forbidden_words, one_definition, bpf_names, lists,
          readme_rows, dead_links, cited_pages)
WARNINGS = (long_files, full_folders)
