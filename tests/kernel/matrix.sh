#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# matrix.sh [KERNEL...] - the kernel-labelled tests and the HTTP chain on each hook type, on each
# kernel (vmrun.sh -l; default: all). Prints a table and a closing line; exit code 0 when
# every hook type that a kernel must offer works there, 1 when not, 77 when no VM can run here.
#
# WEFT_BUILD names the build tree (default build/release). Output of a guest is shown as it
# comes with -v, else only when its kernel failed.
set -u
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
build=$(realpath -m "${WEFT_BUILD:-$root/build/release}")
verbose=''
[ "${1:-}" = -v ] && { verbose=1; shift; }
kernels=("$@")
[ $# -gt 0 ] || mapfile -t kernels < <("$here/vmrun.sh" -l | cut -d' ' -f1)

command -v qemu-system-x86_64 > /dev/null || { echo "skipped: qemu-system-x86 is not installed"; exit 77; }
[ -x "$build/weft" ] || { echo "no agent at $build/weft; build it first"; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/weft-matrix.XXXXXX")
trap 'rm -rf "$work"' EXIT

files=()
for kernel in "${kernels[@]}"; do
  begin=$SECONDS
  files+=("$work/$kernel.out")
  release=$("$here/vmrun.sh" -f "$kernel") || exit 1
  echo "booting $kernel ($release)"
  nice -n 10 "$here/vmrun.sh" -t 900 "$kernel" "$here/guest_matrix.sh" "$build" \
    > "$work/$kernel.out" 2> "$work/$kernel.log"
  echo "result boot {\"exit\": $?, \"release\": \"$release\", \"seconds\": $((SECONDS - begin))}" >> "$work/$kernel.out"
  if [ -n "$verbose" ] || ! "$here/matrix_table.py" --quiet "$work/$kernel.out"; then cat "$work/$kernel.log"; fi
done
"$here/matrix_table.py" "${files[@]}"
