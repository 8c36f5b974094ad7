#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh NAME|SUITE|UNITS…: the one step of setup that needs root. Adds the backports
# suite when a package comes from there, updates the package lists only when a name or a
# file cannot be had with the present ones, and leaves every daemon stopped and disabled.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
POLICY=/usr/sbin/policy-rc.d
BACKPORTS_LIST=/etc/apt/sources.list.d/weft-backports.list
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

die() {
  echo "dev: $*" >&2
  exit 1
}

# What the machine's own sources say: REPO_URI and the file of the release's main suite.
own_source() {
  apt-get indextargets --format '$(CREATED_BY)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)|$(SOURCESENTRY)' |
    awk -F'|' -v r="$release" '$1 == "Packages" && $2 ~ "^" r && $3 == "main" { print $2 "|" $4 "|" $5 }' |
    sort -u
}

# signed_by FILE URI: the key the existing source is checked with, as an option of a .list.
signed_by() {
  local key
  case $1 in
    *.sources) key=$(awk -v RS='' -v uri="${2%/}" 'index($0, uri)' "$1" |
      sed -n 's/^[Ss]igned-[Bb]y: *\(\/.*\)/\1/p' | head -n 1) ;;
    *) key=$(grep -F "${2%/}" "$1" | sed -n 's/.*\[.*signed-by=\([^] ]*\).*/\1/p' | head -n 1) ;;
  esac
  [[ -z $key ]] || echo "[signed-by=$key] "
}

add_backports() {
  local sources uri file
  sources=$(own_source)
  grep -q "^$release-backports|" <<< "$sources" && return
  IFS='|' read -r _ uri file < <(grep "^$release|" <<< "$sources" || true)
  [[ -n ${uri:-} ]] || die "apt's sources have no $release main suite to take the address from"
  mkdir -p /etc/apt/sources.list.d
  echo "deb $(signed_by "${file%:*}" "$uri")${uri%/} $release-backports main" > "$BACKPORTS_LIST"
  updated=''
  update
}

updated=''
update() {
  [[ -z $updated ]] || return 0
  updated=1
  apt-get update -qq || die "apt-get update failed"
}

# Debian starts a daemon when its package is installed, unless this file says no.
hold_daemons() {
  [[ ! -e $POLICY ]] || return 0
  trap 'rm -f "$POLICY"' EXIT
  printf '#!/bin/sh\n# while packages for weft are installed\nexit 101\n' > "$POLICY"
  chmod 755 "$POLICY"
}
disable_units() {
  command -v systemctl > /dev/null || return 0
  local unit
  for unit in "$@"; do systemctl disable --quiet "$unit" 2> /dev/null || true; done
}

# apt_install ARG…: with the present lists, else once more with fresh ones.
apt_install() {
  local log
  log=$(mktemp)
  local apt=(apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0
    -o Dpkg::Options::=--force-confold)
  if ! "${apt[@]}" "$@" > "$log" 2>&1 < /dev/null; then
    update
    "${apt[@]}" "$@" > "$log" 2>&1 < /dev/null || { tail -n 30 "$log" >&2; rm -f "$log"; exit 1; }
  fi
  rm -f "$log"
}

main() {
  local item name suite units ours=() theirs=() daemons=()
  for item in "$@"; do
    IFS='|' read -r name suite units <<< "$item"
    if [[ $suite == backports ]]; then theirs+=("$name"); else ours+=("$name"); fi
    [[ $units == - ]] || daemons+=(${units//,/ })
  done
  [[ $release == bookworm ]] ||
    die "made for Debian 12 (bookworm), this is '${release:-unknown}': install by hand: ${ours[*]} ${theirs[*]}"
  hold_daemons
  if [[ ${#theirs[@]} -gt 0 ]]; then
    add_backports
    apt_install -t "$release-backports" "${theirs[@]}"
  fi
  [[ ${#ours[@]} -eq 0 ]] || apt_install "${ours[@]}"
  disable_units "${daemons[@]}"
}
main "$@"
