#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# "Add a protocol in one folder", done: the script's output compiles, passes its own
# tests, expands in the registry and builds as a kernel program's header.
#   new_protocol_test.sh SOURCE_ROOT LIBRARIES… (compiler and flags from CXX, CXX_FLAGS)
set -euo pipefail

source_root=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
(cd "$source_root" && git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t "$work/tree")

"$source_root/tests/support/new_protocol.sh" wombat "$work/tree"
grep -qx 'PROTOCOL([0-9]*, WOMBAT, wombat)' "$work/tree/probes/protocol.def"
# Nothing else has to be touched: the tree's rules hold.
python3 -B "$work/tree/tests/arch/arch.py" "$work/tree" || { echo "tests/arch refuses the new folder" >&2; exit 1; }
for bad in Wombat 2fast wombat http1 a-b; do
  if "$source_root/tests/support/new_protocol.sh" "$bad" "$work/tree" 2> "$work/why"; then
    echo "'$bad' should have been refused" >&2
    exit 1
  fi
done

read -ra flags <<< "${CXX_FLAGS:-} -std=c++23 -Wall -Wextra -Werror -I$work/tree -I$source_root"
"${CXX:-c++}" "${flags[@]}" -E "$source_root/probes/registry.cpp" | grep -q 'wombat::kProtocol,'
"${CXX:-c++}" "${flags[@]}" "$work/tree/probes/protocol/wombat/"*.cpp "$@" -lgmock -lgtest -lgtest_main -o "$work/wombat_test"
"$work/wombat_test"

if command -v clang-19 > /dev/null; then
  echo '#include "probes/protocol/wombat/sniff.h"
int check(const unsigned char *b, unsigned int n) { return weft_sniff_wombat(b, n); }' > "$work/check.c"
  clang-19 -target bpf -mcpu=v3 -O2 -Wall -Wextra -Werror "-I$work/tree" "-I$source_root" -c "$work/check.c" -o "$work/check.o"
fi
