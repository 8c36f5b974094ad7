# SPDX-License-Identifier: Apache-2.0
# Which Debian kernel an alias means, and how it gets into the cache. Sourced by vmrun.sh.
# shellcheck shell=bash
# Packages are unpacked below $CACHE/kernels and never installed.

# Alias → suites. The release is what linux-image-amd64 depends on there.
declare -A KERNEL_SUITES=(
  [5.10]='bullseye bullseye-security'
  [6.1]='bookworm bookworm-security'
  [6.12]='bookworm-backports'
  [newest]='sid'
)

source "$HERE/../support/apt/fetch.sh"
# newest_release: what the kernel metapackage of the prepared suites depends on.
newest_release() {
  apt_private apt-cache show linux-image-amd64 2>/dev/null |
    sed -n 's/^Depends:.*linux-image-\([^ ,]*\).*/\1/p' | sort -V | tail -n 1
}

# kernel_fetch ALIAS: sets KERNEL_DIR. A kernel in the cache is used as it is (no network);
# with REFRESH set the suite is asked again.
kernel_fetch() {
  local alias=$1 pin=$CACHE/kernels/$1.release release part
  [ -n "${KERNEL_SUITES[$alias]:-}" ] || die "no such kernel: $alias (-l lists them)"
  mkdir -p "$CACHE/kernels"
  exec 9> "$CACHE/lock" && flock 9
  if [ -n "$REFRESH" ] || [ ! -s "$pin" ]; then
    # shellcheck disable=SC2086  # a list of suites
    apt_prepare ${KERNEL_SUITES[$alias]} || die "apt-get update failed for $alias"
    release=$(newest_release)
    [ -n "$release" ] || die "no kernel package for $alias in ${KERNEL_SUITES[$alias]}"
    echo "$release" > "$pin"
  fi
  release=$(< "$pin")
  KERNEL_DIR=$CACHE/kernels/$release
  if [ ! -e "$KERNEL_DIR/complete" ]; then
    # shellcheck disable=SC2086
    apt_prepare ${KERNEL_SUITES[$alias]} || die "apt-get update failed for $alias"
    rm -rf "$KERNEL_DIR"
    unpack "linux-image-$release" "$KERNEL_DIR" ||
      die "linux-image-$release cannot be fetched (superseded? run again with -u)"
    # From 7.x on the image package is empty and depends on its parts.
    for part in binary modules base; do
      [ -n "$(compgen -G "$KERNEL_DIR/boot/vmlinuz-*")" ] && [ $part = binary ] && break
      unpack "linux-$part-$release" "$KERNEL_DIR" || die "linux-$part-$release cannot be fetched"
    done
    touch "$KERNEL_DIR/complete"
  fi
  if [ ! -x "$CACHE/busybox" ]; then
    apt_prepare bookworm && unpack busybox-static "$CACHE/busybox.tree" || die "no busybox-static"
    mv "$(find "$CACHE/busybox.tree" -name busybox -type f -size +500k | head -n 1)" "$CACHE/busybox"
    rm -rf "$CACHE/busybox.tree"
  fi
  flock -u 9
}
