# SPDX-License-Identifier: Apache-2.0
# Packages of other releases, unpacked aside and never installed. Sourced; needs $CACHE, a
# folder, and die MESSAGE.
# shellcheck shell=bash
#
# A private apt state per set of suites (own sources, own lists; /etc/apt is only asked for
# the addresses this machine uses) fetches the packages, so signatures are checked.

source "$(dirname "${BASH_SOURCE[0]}")/mirrors.sh"
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
