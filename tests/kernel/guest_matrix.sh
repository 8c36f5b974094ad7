#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# guest_matrix.sh BUILD - inside the guest: the kernel-labelled tests, then the chain on every
# hook type. Writes lines "result NAME json" to stdout, all other output to stderr.
set -u
build=$1 here=$(dirname "$(realpath "$0")")
exec 3>&1 1>&2

ctest --test-dir "$build" -L '^kernel$' -j 2 --output-on-failure --timeout 120
echo "result tests {\"exit\": $?, \"found\": $(ctest --test-dir "$build" -N -L '^kernel$' | sed -n 's/^Total Tests: //p')}" >&3
for hook_type in fentry tracepoint kprobe syscall; do
  out=$(/usr/bin/python3 "$here/guest_chain.py" --hooks $hook_type --weft "$build/weft" --json)
  echo "$out" | sed '$d'
  echo "result $hook_type $(echo "$out" | tail -n 1)" >&3
done
