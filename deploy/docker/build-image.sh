#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# build-image.sh - the agent's image without a registry: a Debian made by debootstrap from this
# machine's own mirror, the libraries the binary is linked with or loads, the binary.
#
#   build-image.sh [-b WEFT] [-t TAG] [-o FILE]
#
#   -b WEFT  the binary (default build/release/weft)
#   -t TAG   name of the image (default weft:latest), imported by `docker` ($DOCKER_HOST)
#   -o FILE  write the root file system as a tar file instead; no docker needed
#
# The base is cached in ${XDG_CACHE_HOME:-~/.cache}/weft/docker and made again when the
# binary's libraries or the recipe below change. Needs root, debootstrap and apt.
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weft/docker
suite=bookworm
weft=$root/build/release/weft tag=weft:latest out=''
PATH=$PATH:/usr/sbin:/sbin

source "$root/tests/support/apt/mirrors.sh"
die() { echo "build-image: $*" >&2; exit 1; }

# owner FILE: the package a library belongs to. Merged /usr: dpkg may know either path.
owner() {
  dpkg -S "$1" 2>/dev/null || dpkg -S "${1#/usr}" 2>/dev/null || dpkg -S "/usr$1" 2>/dev/null ||
    die "no package owns $1"
}

# Loaded when an exporter needs them (agent/http, exporters/kafka): ldd does not know them.
loaded=(libcurl4 libzstd1 librdkafka1)

# libraries: package names, with the suite where this machine has them from backports.
libraries() {
  local file package version
  { printf '%s\n' "${loaded[@]}"
    ldd "$weft" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r file; do
      owner "$file" | head -n 1 | cut -d: -f1
    done; } | sort -u | while read -r package; do
    version=$(dpkg-query -Wf '${Version}\n' "$package" 2> /dev/null | head -n 1 || true)
    case $version in *~bpo*) echo "$package/$suite-backports" ;; *) echo "$package" ;; esac
  done
}

# base_build OUT PACKAGE…
base_build() {
  local out=$1 tree
  shift
  tree=$(mktemp -d "$cache/root.XXXXXX")
  # shellcheck disable=SC2064  # the value of now
  trap "rm -rf '$tree'" EXIT
  debian_mirrors || die "apt knows no Debian mirror on this machine"
  debootstrap --variant=minbase "$suite" "$tree" "$DEBIAN_MAIN" > "$cache/debootstrap.log" 2>&1 ||
    die "debootstrap failed, see $cache/debootstrap.log"
  printf 'deb %s %s main\n' "$DEBIAN_MAIN" "$suite" \
    "$DEBIAN_MAIN" "$suite-backports" "$DEBIAN_SECURITY" "$suite-security" \
    > "$tree/etc/apt/sources.list"
  cp /etc/resolv.conf "$tree/etc/resolv.conf"
  # No daemon may start in there, and nothing asks.
  printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d" && chmod 755 "$tree/usr/sbin/policy-rc.d"
  { chroot "$tree" apt-get -qq update
    DEBIAN_FRONTEND=noninteractive chroot "$tree" apt-get -qqy --no-install-recommends upgrade
    DEBIAN_FRONTEND=noninteractive chroot "$tree" apt-get -qqy --no-install-recommends install "$@"
    chroot "$tree" apt-get clean
  } > "$cache/apt.log" 2>&1 || die "apt failed, see $cache/apt.log"
  base_slim "$tree"
  tar -C "$tree" --numeric-owner --one-file-system -cf "$out.tmp" .
  mv "$out.tmp" "$out"
}

# Leaves out what an agent never opens; the licences stay.
base_slim() {
  rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/* "$1"/var/log/* "$1"/tmp/* \
    "$1"/usr/share/{man,info,locale,lintian,bash-completion} "$1"/usr/sbin/policy-rc.d "$1"/etc/resolv.conf
  find "$1/usr/share/doc" -type f ! -name copyright -delete
  find "$1/usr/share/doc" -type d -empty -delete
}

while getopts 'b:t:o:h' option; do
  case $option in
    b) weft=$OPTARG ;;
    t) tag=$OPTARG ;;
    o) out=$OPTARG ;;
    *) sed -n '3,/^set -/p' "$0" | sed -n 's/^# \{0,1\}//p'; exit 1 ;;
  esac
done
[ "$(id -u)" = 0 ] || die "needs root: debootstrap makes a root file system"
[ -x "$weft" ] || die "no binary at $weft; build it first"
command -v debootstrap > /dev/null || die "debootstrap is not installed"
mkdir -p "$cache"
mapfile -t packages < <(libraries)
[ ${#packages[@]} -gt 0 ] || die "cannot tell the libraries of $weft"
packages+=(ca-certificates)
key=$( (declare -f base_build base_slim; printf '%s\n' "${packages[@]}") | sha256sum | cut -c 1-16)
base=$cache/base-$key.tar
(
  flock 9
  [ -e "$base" ] || { rm -f "$cache"/base-*.tar; base_build "$base" "${packages[@]}"; }
) 9> "$cache/lock"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/usr/bin"
install -m 755 "$weft" "$work/root/usr/bin/weft"
strip --strip-debug "$work/root/usr/bin/weft"
cp "$base" "$work/image.tar"
tar -C "$work/root" --owner=0 --group=0 -rf "$work/image.tar" ./usr/bin/weft
if [ -n "$out" ]; then
  mv "$work/image.tar" "$out"
else
  docker import -c 'ENTRYPOINT ["/usr/bin/weft"]' -c 'CMD ["run"]' \
    -c "LABEL org.opencontainers.image.title=weft" "$work/image.tar" "$tag"
fi
