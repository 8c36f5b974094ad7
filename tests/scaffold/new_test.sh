#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# "Add a protocol", "a storage engine", "an exporter" of CONTRIBUTING.md, done: the script's output
# compiles, passes its own tests and expands in the registry.
#   new_test.sh KIND SOURCE_ROOT LIBRARIES… (compiler and flags from CXX, CXX_FLAGS)
set -euo pipefail

kind=$1 source_root=$2
shift 2
case $kind in
  protocol)
    folder=probes/protocol/wombat list=probes/protocol.def line='PROTOCOL([0-9]*, WOMBAT, wombat)' taken=http1
    registry=probes/registry.cpp expanded='wombat::kProtocol,' ;;
  engine)
    folder=probes/storage/wombat list=probes/engine.def line='ENGINE([0-9]*, wombat)' taken=sqlite
    registry=probes/engines.cpp expanded='wombat::kEngine,' ;;
  exporter)
    folder=exporters/wombat list=exporters/exporter.def line='EXPORTER(wombat)' taken=zipkin
    registry=exporters/registry.cpp expanded='add(exporters::wombat::kinds())' ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
(cd "$source_root" && git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t "$work/tree")
last=$(tail -n 1 "$work/tree/$list")

"$source_root/tests/support/new.sh" "$kind" wombat "$work/tree"
grep -qx "$line" "$work/tree/$list"
if [[ $kind == engine && $(tail -n 1 "$work/tree/$list") != "$last" ]]; then
  echo "the engine that takes any file is no longer the last" >&2
  exit 1
fi
# Nothing else has to be touched: the tree's rules hold.
python3 -B "$work/tree/tests/arch/arch.py" "$work/tree" || { echo "tests/arch refuses the new folder" >&2; exit 1; }
for bad in Wombat 2fast wombat "$taken" a-b; do
  if "$source_root/tests/support/new.sh" "$kind" "$bad" "$work/tree" 2> "$work/why"; then
    echo "'$bad' should have been refused" >&2
    exit 1
  fi
done

read -ra flags <<< "${CXX_FLAGS:-} -std=c++23 -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Werror -I$work/tree -I$source_root"
"${CXX:-c++}" "${flags[@]}" -E "$source_root/$registry" > "$work/registry.i"
grep -q "$expanded" "$work/registry.i"
"${CXX:-c++}" "${flags[@]}" "$work/tree/$folder/"*.cpp "$@" -lgmock -lgtest -lgtest_main -o "$work/wombat_test"
"$work/wombat_test"

# A sniffer is a kernel program's header too.
if [[ $kind == protocol ]] && command -v clang-19 > /dev/null; then
  echo '#include "probes/protocol/wombat/sniff.h"
int check(const unsigned char *b, unsigned int n) { return weft_sniff_wombat(b, n); }' > "$work/check.c"
  clang-19 -target bpf -mcpu=v3 -O2 -Wall -Wextra -Werror "-I$work/tree" "-I$source_root" -c "$work/check.c" -o "$work/check.o"
fi
