#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vm_test.sh BUILD KERNEL HOOK_TYPE|tests|service - one CTest case in a VM: the chain on a hook type that
# the kernel must offer, the kernel-labelled tests that depend on it most, or deploy/systemd's
# unit under a real systemd. 77 when no VM can be had here.
set -u
build=$1 kernel=$2 what=$3
here=$(dirname "$(realpath "$0")")

skip() { echo "SKIP $kernel $what: $*"; exit 77; }
command -v qemu-system-x86_64 > /dev/null || skip "qemu-system-x86 is not installed"
[ "$(id -u)" = 0 ] || skip "needs root: the guest reads the host's files"
[ "$what" != service ] || [ -x /lib/systemd/systemd ] || skip "systemd is not installed"
[ -x "$build/weft" ] || skip "no agent at $build/weft; build it first"
"$here/vmrun.sh" -f "$kernel" || skip "no kernel: see the line above"

flags=()
# Each loads the programs, which takes eight seconds under emulation: every kind of call on the
# hooks that only a VM has; ./dev test-kernels runs all of them.
most='ShowsWhatWasMoved/(fentry|kprobe)_(tcp4|unix)|(StreamsTest.*|ComeOneByOne.*|IsCopiedOfEachCall.*)(fentry|kprobe)|ExecTest.AtAnyPlace|^capture.*(Task|Plain)'
case $what in
  tests) command=(ctest --test-dir "$build" -L '^kernel$' -R "$most" -j 2 --no-tests=error --output-on-failure) ;;
  service)
    flags=(-s)
    command=(/usr/bin/python3 "$here/../../deploy/systemd/guest_service.py" "$build/weft") ;;
  *) command=(/usr/bin/python3 "$here/guest_chain.py" --hooks "$what" --weft "$build/weft") ;;
esac
# Under emulation loading the programs takes seconds, and each test loads them.
nice -n 10 "$here/vmrun.sh" "${flags[@]}" -t 1100 "$kernel" "${command[@]}"
rc=$?
# The agent says that this kernel lacks the hook type: it does not.
[ $rc = 77 ] && { echo "FAIL $kernel must offer $what"; exit 1; }
exit $rc
