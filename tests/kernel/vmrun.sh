#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vmrun.sh - boot a Debian kernel in qemu and run one command in it as root.
#
#   vmrun.sh [options] KERNEL COMMAND [ARG...]
#
#   KERNEL   5.10, 6.1, 6.12 or newest (sid); -l lists them with the releases in the cache
#   COMMAND  one argument: a bash command line; several: an argv, quoted as given
#
#   -d DIR   folder of the host, writable in the guest at the same path (repeatable)
#   -e V=X   environment variable of the command (repeatable)
#   -t SEC   limit on the whole run (default 300)
#   -m MEM   memory (default 2G)          -c N     vCPUs (default 2)
#   -a STR   appended to the kernel's command line
#   -s       systemd is process 1 (no unit started but the command), else a small script
#   -w DIR   keep the run's files here (console, stdout, stderr, rc)
#   -f       fetch and prepare the kernel only, no COMMAND
#   -u       ask the archive for a newer kernel than the one in the cache
#   -v       the kernel's console on stderr
#
# The guest's root is the host's, over 9p: read-only for qemu, with a tmpfs overlay above it,
# so the guest writes where it likes and the host never sees it; only /run is the guest's
# own. No network but loopback.
# Exit code: the command's own; 124 time limit; 125 the guest did not report (no boot, panic;
# the end of its console is printed); 126 usage, download or preparation failure.
#
# Under TCG, a guest that dies of "Oops: int3" (a race of the emulation, about once in 40
# runs that attach probes) is started once more, and that is said; its output comes again.
#
# Needs qemu-system-x86 (≥ 10 advised), kmod, cpio, xz-utils, zstd and apt.
set -u
HERE=$(dirname "$(realpath "$0")")
PATH=$PATH:/usr/sbin:/sbin
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/weft/vm
QEMU=qemu-system-x86_64
LIMIT=300 MEMORY=2G CPUS=2 APPEND='' WORK='' KEEP='' VERBOSE='' SYSTEMD='' REFRESH='' FETCH_ONLY=''
SHARES=() ENVIRONMENT=() COMMAND=()

die() { echo "vmrun: $*" >&2; exit 126; }
usage() { sed -n '3,/^set -u/p' "$0" | sed -n 's/^# \{0,1\}//p'; }

# shellcheck source-path=SCRIPTDIR
source "$HERE/vm/kernel.sh"
source "$HERE/vm/boot_image.sh"
source "$HERE/vm/qemu.sh"

list() {
  local alias
  for alias in $(printf '%s\n' "${!KERNEL_SUITES[@]}" | sort -V); do
    echo "$alias $(cat "$CACHE/kernels/$alias.release" 2>/dev/null || echo '(not fetched)')"
  done
}

parse() {
  local option
  while getopts 'd:e:t:m:c:a:w:fsuvlh' option; do
    case $option in
      d) SHARES+=("$(realpath -e "$OPTARG")") || die "no such folder: $OPTARG" ;;
      e) ENVIRONMENT+=("$OPTARG") ;;
      t) LIMIT=$OPTARG ;;
      m) MEMORY=$OPTARG ;;
      c) CPUS=$OPTARG ;;
      a) APPEND=$OPTARG ;;
      w) KEEP=$OPTARG ;;
      f) FETCH_ONLY=1 ;;
      s) SYSTEMD=1 ;;
      u) REFRESH=1 ;;
      v) VERBOSE=1 ;;
      l) list; exit 0 ;;
      h) usage; exit 0 ;;
      *) usage >&2; exit 126 ;;
    esac
  done
  shift $((OPTIND - 1))
  [ $# -ge 1 ] || die "which kernel? (-h for help)"
  KERNEL=$1; shift
  COMMAND=("$@")
  [ -n "$FETCH_ONLY" ] || [ $# -ge 1 ] || die "which command? (-h for help)"
}

require() {
  local tool
  [ "$(dpkg --print-architecture)" = amd64 ] || die "amd64 machines only"
  for tool in "$QEMU" apt-get cpio depmod modprobe xz zstd flock; do
    command -v "$tool" > /dev/null || die "$tool is missing (qemu-system-x86, cpio, kmod, xz-utils, zstd)"
  done
}

# result QEMU_RC: exits unless the run died of the race named above.
result() {
  [ -s "$WORK/out/rc" ] && exit "$(< "$WORK/out/rc")"
  if [ "$1" = 124 ]; then
    echo "vmrun: time limit of $LIMIT s" >&2
    tail -n 5 "$WORK/console" >&2
    exit 124
  fi
  grep -qa 'Oops: int3' "$WORK/console" && [ "$(accelerator)" != kvm ] && return
  { echo "vmrun: the guest did not report (qemu exit $1)"; tail -n 25 "$WORK/console"; cat "$WORK/qemu.stderr"; } >&2
  exit 125
}

parse "$@"
require
mkdir -p "$CACHE" || die "no cache folder"
kernel_fetch "$KERNEL"
image_prepare
[ -n "$FETCH_ONLY" ] && { echo "$RELEASE"; exit 0; }
QEMU_PID=''
WORK=$(mktemp -d "${TMPDIR:-/tmp}/weft-vm.XXXXXX") || die "no work folder"
finish() {
  [ -n "$QEMU_PID" ] && kill "$QEMU_PID" 2>/dev/null
  [ -n "$KEEP" ] && { mkdir -p "$KEEP"; cp -r "$WORK/console" "$WORK/out/." "$KEEP/"; } 2>/dev/null
  rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 130' INT TERM
boot; result $?
echo "vmrun: int3 race of the emulation, running once more" >&2
rm -f "$WORK/out/rc"
boot; rc=$?
result $rc
echo "vmrun: the int3 race twice in a row" >&2
exit 125
