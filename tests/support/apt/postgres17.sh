#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# postgres17.sh FOLDER - makes a root file system with trixie's PostgreSQL 17 and what it
# needs to run, for chroot. Nothing is installed. Does nothing when it is there.
set -euo pipefail
root=$1
[ -e "$root/complete" ] && exit 0
CACHE=$(dirname "$root")
die() { echo "postgres17: $*" >&2; exit 1; }
source "$(dirname "${BASH_SOURCE[0]}")/fetch.sh"

# Libraries only: the server itself wants no perl and no debconf, and LLVM is for its JIT.
libraries() {
  apt_private apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
    --no-breaks --no-replaces --no-enhances postgresql-17 |
    grep -E '^(lib[a-z0-9]|zlib1g$)' | grep -Ev 'llvm|perl|:' | sort -u
}

mkdir -p "$CACHE"
exec 9> "$root.lock" && flock 9
[ -e "$root/complete" ] && exit 0
apt_prepare trixie || die "apt-get update failed for trixie"
rm -rf "$root"
for package in postgresql-17 busybox-static tzdata $(libraries); do
  unpack "$package" "$root" || die "$package cannot be fetched"
done
for folder in bin lib lib64; do
  [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"
done
ln -sf busybox "$root/usr/bin/sh"
mkdir -p "$root"/{tmp,dev/shm,srv}
chmod 1777 "$root/tmp" "$root/dev/shm"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/urandom" c 1 9
grep -E '^(root|postgres):' /etc/passwd > "$root/etc/passwd"
grep -E '^(root|postgres):' /etc/group > "$root/etc/group"
touch "$root/complete"
