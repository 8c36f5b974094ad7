#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every check of arch.py finds its breach in a bad tree and nothing in a good one."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import arch
from tree import Tree

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = SPDX + "#pragma once\n"

GOOD = {
    "CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\nweft_room(base agent/base)\n"
                      "weft_room(port agent/port DEPS base)\nweft_room(stream agent/stream DEPS port LIBS x)\n"
                      "weft_room(kernel agent/kernel DEPS base)\nweft_room(admin agent/admin)\nweft_room(cli agent/cli)\n",
    "README.md": "| [http1](probes/protocol/http1) |\n| [null](exporters/null) |\n[base](agent/base/ids.h)\n"
                 "| [sqlite](probes/storage/sqlite) |\n| [nginx](probes/runtime/nginx) |\n`weft run --port` `./dev build` `get()` agent/base/ids\n",
    "agent/main.cpp": SPDX + '#include "agent/port/protocol.h"\nauto all = weft::protocols();\n',
    "agent/base/ids.h": HEADER + "namespace weft {\nstruct SpanId {\n};\nnamespace {\nstruct Own {\n};\n}  // namespace\n"
                                 "}  // namespace weft\n",
    "agent/port/protocol.h": HEADER + '#include "agent/base/ids.h"\n',
    "agent/stream/stream.cpp": SPDX + '#include "agent/base/ids.h"\nnamespace weft {\nnamespace {\n'
                               "struct SpanId {\n};\n}  // namespace\n}  // namespace weft\n",
    "agent/kernel/ring.cpp": SPDX + '#include <bpf/libbpf.h>\n#include "weft.skel.h"\n',
    "bpf/abi/weft_event.h": "/* SPDX-License-Identifier: Apache-2.0 */\n#ifndef WEFT_EVENT_H\n#define WEFT_EVENT_H\n#endif\n",
    "bpf/prog/proc.bpf.c": SPDX + 'SEC("tp_btf/x")\nint BPF_PROG(fifteen_letters, int a)\n{\n}\n',
    "probes/protocol.def": SPDX + "PROTOCOL(1, HTTP1, http1)\n",
    "probes/protocol/http1/http1.cpp": SPDX + '#include "agent/port/protocol.h"\n#include "bpf/abi/weft_event.h"\n',
    "probes/engine.def": SPDX + "ENGINE(3, sqlite)\n",
    "probes/storage/sqlite/engine.cpp": SPDX,
    "probes/runtime.def": SPDX + "RUNTIME(1, nginx)\n",
    "probes/runtime/nginx/runtime.cpp": SPDX,
    "agent/cli/help.cpp": SPDX + 'x = {\n    {"run",\n     "--port"}};\n',
    "tests/support/dev/build.sh": "# SPDX-License-Identifier: Apache-2.0\n",
    "agent/admin/counter_table.cpp": SPDX + '{"weft.spans.emitted", "", kSeen},\n',
    "agent/base/count.cpp": SPDX + '// what emitted() says\nauto& emitted = set.get("weft.spans.emitted");\n',
    "exporters/exporter.def": SPDX + "EXPORTER(null)\n",
    "exporters/null/null.cpp": SPDX + '#include "agent/base/ids.h"\n',
}

# check → (file, its bad text); a text of None removes the file.
BAD = {
    "probes_and_exporters": ("probes/protocol/http1/bad.cpp", SPDX + '#include "agent/stream/stream.h"\n'),
    "rooms_match_cmake": ("agent/base/bad.cpp", SPDX + '#include "agent/port/protocol.h"\n'),
    "registries": ("agent/stream/bad.cpp", SPDX + '#include "probes/protocol.def"\n'),
    "kernel_only": ("agent/stream/bad.cpp", SPDX + "#include <bpf/libbpf.h>\n"),
    "no_cycles": ("agent/base/ids.h", HEADER + '#include "agent/port/protocol.h"\n'),
    "lengths": ("bpf/prog/long.bpf.c", SPDX + "int x;\n" * 200),
    "licence_lines": ("agent/base/bad.cpp", "int x;\n"),
    "pragma_once": ("agent/base/bad.h", SPDX),
    "forbidden_words": ("agent/base/bad.cpp", SPDX + "// TO" + "DO: later\n"),
    "one_definition": ("agent/stream/bad.h", HEADER + "namespace weft {\nstruct SpanId {\n};\n}  // namespace weft\n"),
    "bpf_names": ("bpf/prog/bad.bpf.c", SPDX + 'SEC("kprobe/x")\nint BPF_KPROBE(sixteen_letters_, int a)\n'),
    "lists": ("probes/protocol.def", SPDX + "PROTOCOL(1, HTTP1, http1)\nPROTOCOL(1, REDIS, http1)\n"),
    "readme_rows": ("README.md", "no table\n"),
    "dead_links": ("README.md", GOOD["README.md"] + "[gone](gone.md)\n"),
    "named_functions": ("agent/base/bad.cpp", SPDX + "// keep" + "_limit() says\n"),
    "named_files": ("agent/base/bad.cpp", SPDX + "// see agent/base/gone.h\n"),
    "named_commands": ("README.md", GOOD["README.md"] + "`weft" + " fly`\n"),
    "named_flags": ("README.md", GOOD["README.md"] + "`weft run --no" + "-such`\n"),
    "counters_told": ("agent/base/bad.cpp", SPDX + 'set.get("weft.' + 'spans.burnt");\n'),
    "retired_words": ("agent/base/bad.cpp", SPDX + "// the lad" + "der of hooks\n"),
    "cited_pages": ("agent/base/bad.cpp", SPDX + "// docs" + "/gone.md says why\n"),
}

MORE_BAD = [
    ("probes_and_exporters", "exporters/null/bad.cpp", SPDX + '#include "agent/port/../stream/stream.h"\n'
                             '#include "agent/stream/stream.h"\n'),
    ("rooms_match_cmake", "agent/stream/bad.cpp", SPDX + '#include "exporters/null/null.h"\n'),
    ("rooms_match_cmake", "agent/lost/bad.cpp", SPDX),
    ("registries", "agent/port/bad.h", HEADER + '#include "exporters/exporter.def"\n'),
    ("kernel_only", "agent/stream/bad.cpp", SPDX + '#include "bpf/lib/maps.bpf.h"\n'),
    ("lengths", "agent/base/bad.cpp", SPDX + "int x;\n" * 500),
    ("bpf_names", "bpf/lib/bad.bpf.h", HEADER + '} sixteen_letters_ SEC(".maps");\n'),
    ("forbidden_words", "agent/base/bad.cpp", SPDX + "// http://deb.debi" + "an.org/debian\n"),
    ("forbidden_words", "agent/base/bad.cpp", SPDX + "// see /ho" + "me/someone/notes\n"),
    ("lists", "probes/protocol.def", SPDX),
    ("lists", "probes/engine.def", SPDX),
    ("lists", "probes/runtime.def", SPDX),
    ("lists", "probes/engine.def", SPDX + "ENGINE(3, sqlite)\nENGINE(3, redis)\n"),
    ("readme_rows", "probes/engine.def", SPDX + "ENGINE(3, sqlite)\nENGINE(4, redis)\n"),
    ("registries", "agent/stream/bad.cpp", SPDX + '#include "probes/engine.def"\n'),
    ("named_functions", "agent/base/bad.cpp", SPDX + "// by probe" + "__busy\n"),
    ("named_files", "README.md", GOOD["README.md"] + "in tests/nowhere/gone.py\n"),
    ("named_commands", "README.md", GOOD["README.md"] + "`./dev" + " dance`\n"),
    ("lists", "probes/protocol.def", SPDX + "PROTOCOL(256, HTTP1, http1)\n"),
    ("lists", "exporters/exporter.def", SPDX + "EXPORTER(null)\nEXPORTER(nowhere)\n"),
]

# Files that a bad file names, so that its include is one of the project.
NAMED = {"agent/stream/stream.h": HEADER, "exporters/null/null.h": HEADER, "bpf/lib/maps.bpf.h": HEADER}


def run(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            target = pathlib.Path(root) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return list(arch.breaches(Tree(root)))


class ArchTest(unittest.TestCase):
    def test_a_good_tree_has_no_breach(self):
        self.assertEqual(run(GOOD | NAMED), [])

    def test_every_check_can_fail(self):
        checks = {check.__name__ for check in arch.CHECKS}
        self.assertEqual(checks, set(BAD))
        cases = [(check, *bad) for check, bad in BAD.items()] + MORE_BAD
        for check, path, text in cases:
            with self.subTest(check=check, path=path):
                found = run(GOOD | NAMED | {path: text})
                self.assertTrue(any(f"[{check}]" in line for line in found), found)


if __name__ == "__main__":
    unittest.main()
