# SPDX-License-Identifier: Apache-2.0
# Which Debian kernel an alias means, and how it gets into the cache. Sourced by vmrun.sh.
# shellcheck shell=bash
#
# A private apt state per set of suites (own sources, own lists; /etc/apt is only asked for
# the addresses this machine uses) fetches the packages, so signatures are checked; they are
# unpacked below $CACHE/kernels and never installed.

# Alias → suites. The release is what linux-image-amd64 depends on there.
declare -A KERNEL_SUITES=(
  [5.10]='bullseye bullseye-security'
  [6.1]='bookworm bookworm-security'
  [6.12]='bookworm-backports'
  [newest]='sid'
)

source "$HERE/../support/apt/mirrors.sh"
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_sources SUITE…: a sources.list on stdout.
apt_sources() {
  local suite
  debian_mirrors || return
  for suite in "$@"; do
    case $suite in
      *-security) echo "deb [signed-by=$KEYRING] $DEBIAN_SECURITY $suite main" ;;
      *) echo "deb [signed-by=$KEYRING] $DEBIAN_MAIN $suite main" ;;
    esac
  done
}

# apt_prepare SUITE…: sets APT_STATE; lists older than a day are fetched again.
apt_prepare() {
  APT_STATE=$CACHE/apt/$(IFS=+; echo "$*")
  mkdir -p "$APT_STATE"/{lists/partial,cache/archives/partial}
  apt_sources "$@" > "$APT_STATE/sources.list" || die "apt knows no Debian mirror on this machine"
  cat > "$APT_STATE/apt.conf" <<CONF
Dir::Etc::sourcelist "$APT_STATE/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$APT_STATE/lists";
Dir::Cache "$APT_STATE/cache";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
CONF
  [ -n "$(find "$APT_STATE/stamp" -mmin -1440 2>/dev/null)" ] && return
  apt_private apt-get -qq update >&2 && touch "$APT_STATE/stamp"
}

apt_private() { APT_CONFIG=$APT_STATE/apt.conf "$@"; }

# unpack PACKAGE FOLDER
unpack() {
  local folder=$2 download
  download=$(mktemp -d "$CACHE/download.XXXXXX") || return 1
  mkdir -p "$folder"
  (cd "$download" && apt_private apt-get -qq download "$1" >&2 && dpkg -x ./*.deb "$folder")
  local rc=$?
  rm -rf "$download"
  return $rc
}

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
