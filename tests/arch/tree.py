# SPDX-License-Identifier: Apache-2.0
"""The source tree as the architecture checks see it: files, includes, rooms."""
import pathlib
import re
import subprocess

SKIPPED_FOLDERS = {".git", "build", ".cache", "__pycache__", "node_modules"}
CODE = {".h", ".cpp", ".c"}
SCRIPTS = {".py", ".sh", ".js", ".mjs", ".go", ".java", ".lua", ".cmake", ".def"}
TEST_SUFFIXES = ("_test", "_fuzz", "_bench")


class File:
    """One text file. path is relative to the tree's root, with slashes."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.splitlines()
        pure = pathlib.PurePosixPath(path)
        self.folder, self.name, self.suffix = str(pure.parent), pure.name, pure.suffix
        self.stem = pure.name.split(".")[0]

    def is_code(self):
        return self.suffix in CODE

    def is_test(self):
        return self.path.startswith("tests/") or self.stem.endswith(TEST_SUFFIXES)

    def is_script(self):
        return self.suffix in SCRIPTS or self.name == "CMakeLists.txt" or self.text.startswith("#!")

    def includes(self):
        """(line number, "<" or '"', path) of every include."""
        if not self.is_code():
            return
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield number, match.group(1), match.group(2)


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = {}
        for path in self._paths():
            try:
                text = (self.root / path).read_text()
            except (UnicodeDecodeError, OSError):
                continue  # a capture or another binary
            self.files[path] = File(path, text)

    def _paths(self):
        """What git would commit, so that nobody's scratch files count; else every file."""
        git = subprocess.run(["git", "-C", self.root, "ls-files", "-co", "--exclude-standard", "-z"],
                             capture_output=True, text=True, check=False)
        if (self.root / ".git").exists() and git.returncode == 0:
            return sorted(p for p in git.stdout.split("\0") if p)
        found = (p.relative_to(self.root) for p in self.root.rglob("*") if p.is_file())
        return sorted(p.as_posix() for p in found if not SKIPPED_FOLDERS & set(p.parts))

    def text(self, path):
        return self.files[path].text if path in self.files else ""

    def under(self, folder):
        return [f for f in self.files.values() if f.path.startswith(folder.rstrip("/") + "/")]

    def rooms(self):
        """Rooms of the top CMakeLists.txt: {name: (folder, direct DEPS)}."""
        rooms = {}
        pattern = r"^weft_room\((\w+)\s+(\S+?)(?:\s+DEPS\s+([\w\s]*?))?(?:\s+LIBS\s[^)]*)?\)"
        for name, folder, deps in re.findall(pattern, self.text("CMakeLists.txt"), re.MULTILINE):
            rooms[name] = (folder, deps.split())
        return rooms

    def definitions(self, path, kind):
        """Lines KIND(a, b, …) of a .def file: (line number, [a, b, …])."""
        if path not in self.files:
            return
        for number, line in enumerate(self.files[path].lines, 1):
            match = re.match(rf"{kind}\(([^)]*)\)", line)
            if match:
                yield number, [part.strip() for part in match.group(1).split(",")]
