# SPDX-License-Identifier: Apache-2.0
"""What comments and pages name exists: functions, files, commands, flags, counters. A check
yields (path, line, message) for every breach."""
import re

TOPS = "agent|bpf|probes|exporters|tests|deploy"  # of docs/, manners.cited_pages
COMMENT = re.compile(r"^\s*(?://|/\*|\*(?=[\s/])|#(?!\s*(?:include|define|if|ifdef|ifndef|else|endif|undef|pragma|error)\b))"
                     r"|(?<=[\s;{},)])//\s|/\*")
# Functions of the system, of libraries and of other languages that comments speak of.
SYSTEM = set("""
    abort accept bind chdir clone close connect dlopen dup exec execve exit fcntl fdatasync fork fsync
    ftruncate getpid io_uring_enter ioctl kill listen main mkdir mmap munmap open openat pipe poll pread
    prctl printf pwrite read readv recv recvfrom recvmmsg recvmsg rename select send sendfile sendmmsg
    sendmsg sendto setsid shutdown sigaction sleep socket splice stat sync sync_file_range sysconf
    syscall unlink vfork wait waitpid write writev
    bpf_preempt_disable bpf_preempt_enable branch_setup_xol_ops push_setup_xol_ops
""".split())
OTHER_FLAGS = {"--now"}  # systemctl's


def comment_of(line):
    """The part of a line of code that is a comment."""
    found = COMMENT.search(line)
    return line[found.start():] if found else ""


def code_words(tree):
    """Every identifier outside of comments, in any language."""
    words = set()
    for file in tree.files.values():
        if not (file.is_code() or file.is_script()):
            continue
        for line in file.lines:
            comment = comment_of(line) if file.is_code() else ""
            words.update(re.findall(r"[A-Za-z_]\w*", line[:len(line) - len(comment)]))
    return words


def named_functions(tree):
    words = code_words(tree) | SYSTEM
    for file in tree.files.values():
        if not (file.is_code() or file.suffix == ".md"):
            continue
        for number, line in enumerate(file.lines, 1):
            text = comment_of(line) if file.is_code() else line
            for name in re.findall(r"(?<![\w.>:-])([a-z_]\w*)\(\)|\b([a-z]+__[a-z]\w*)\b", text):
                word = name[0] or name[1]
                if word not in words:
                    yield file.path, number, f"names {word}, which is nowhere in the code"


def named_files(tree):
    known = set(tree.files)
    for path in list(known):
        parts = path.split("/")
        known.update("/".join(parts[:n]) for n in range(1, len(parts)))
    stems = {path[:len(path) - len(f.suffix)] for path, f in tree.files.items()}
    stems |= {re.sub(r"\.bpf$", "", stem) for stem in stems}
    for file in tree.files.values():
        if file.path.startswith("tests/arch/"):
            continue  # it names what is not there
        for number, line in enumerate(file.lines, 1):
            text = comment_of(line) if file.is_code() else line if file.suffix == ".md" else ""
            for path in re.findall(rf"(?<![\w./<@-])((?:{TOPS})/[\w./-]*\w)(?![\w*<{{/-]*[*<{{])", text):
                if re.search(r"NAME|\bx\.|wombat", path) or "Rejected" in file.text[:file.text.find(path)]:
                    continue  # stands for any, or was not done
                if path not in known and path not in stems:
                    yield file.path, number, f"names {path}: no such file or folder"


def named_commands(tree):
    """`./dev COMMAND` and `weft COMMAND`, of pages and help."""
    dev = {f.stem for f in tree.under("tests/support/dev") if f.folder == "tests/support/dev"}
    weft = set(re.findall(r'^\s*\{"([a-z]+)', tree.text("agent/cli/help.cpp"), re.MULTILINE))
    for file in tree.files.values():
        if file.suffix not in (".md", ".sh") and file.path != "agent/cli/help.cpp":
            continue
        for number, line in enumerate(file.lines, 1):
            for command in re.findall(r"(?:^|[`\s(])\./dev ([a-z][a-z-]*)", line):
                if dev and command not in dev:
                    yield file.path, number, f"there is no ./dev {command}"
            for command in re.findall(r"`(?:sudo )?weft ([a-z]+)", line):
                if weft and command not in weft:
                    yield file.path, number, f"there is no weft {command}"


def named_flags(tree):
    known = set()
    for file in tree.files.values():
        if file.suffix != ".md":
            known.update(re.findall(r"--[a-z][a-z-]+", file.text))
            known.update(f"--{word}" for word in re.findall(r'"--?([a-z][a-z-]+)', file.text))
    for file in tree.files.values():
        if file.suffix != ".md":
            continue
        for number, line in enumerate(file.lines, 1):
            for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line):
                if flag not in known | OTHER_FLAGS:
                    yield file.path, number, f"names the flag {flag}, which nothing takes"


def counters_told(tree):
    """A counter without a row would be in /metrics alone, and nobody could say what it is."""
    table = tree.text("agent/admin/counter_table.cpp")
    rows = set(re.findall(r'\{"(weft\.[\w.]+)"', table))
    if not table:
        return
    for file in tree.files.values():
        if not file.is_code() or file.is_test():
            continue
        for number, line in enumerate(file.lines, 1):
            for name in re.findall(r'(?:\bget\(|counters\.push_back\(\{|out\.counter\()"(weft\.[\w.]+)"', line):
                if name not in rows and name != "weft.kernel.":
                    yield file.path, number, f"the counter {name} has no row in agent/admin/counter_table.cpp"


CHECKS = (named_functions, named_files, named_commands, named_flags, counters_told)
