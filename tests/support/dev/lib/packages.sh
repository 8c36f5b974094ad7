# SPDX-License-Identifier: Apache-2.0
# Which packages a group needs and which of them this machine lacks.
# packages/GROUP.txt: one Debian package per line, then any of
#   backports>=VERSION   from the release's backports suite when older than that
#   unless=COMMAND       not needed where COMMAND is on PATH
#   units=A,B            daemons it brings: not started, and left disabled

# missing_packages GROUP… → lines "NAME SUITE UNITS", SUITE main|backports, UNITS - if none.
missing_packages() {
  local lists=() group name rest
  for group in "$@"; do
    [[ -f $DEV/packages/$group.txt ]] || die "no package group '$group'" 2
    lists+=("$DEV/packages/$group.txt")
  done
  declare -A installed=()
  while read -r name rest; do installed[$name]=$rest; done < <(
    sed 's/#.*//; s/^ *//; /^$/d; s/ .*//' "${lists[@]}" | sort -u |
      xargs dpkg-query -W -f '${Package} ${db:Status-Status} ${Version}\n' 2> /dev/null |
      awk '$2 == "installed" { print $1, $3 }')
  sed 's/#.*//; /^ *$/d' "${lists[@]}" | sort -u | while read -r name rest; do
    is_missing "$name" "${installed[$name]:-}" "$rest"
  done
}

# is_missing NAME INSTALLED_VERSION OPTIONS: prints the line when it has to be installed.
is_missing() {
  local option suite=main units=- least=''
  for option in $3; do
    case $option in
      "backports>="*) suite=backports least=${option#*>=} ;;
      unless=*) command -v "${option#*=}" > /dev/null && return ;;
      units=*) units=${option#*=} ;;
      *) die "packages: unknown option '$option' of $1" ;;
    esac
  done
  [[ -n $2 ]] && { [[ -z $least ]] || dpkg --compare-versions "$2" ge "$least"; } && return
  echo "$1 $suite $units"
}

ensure_packages() {
  command -v dpkg-query > /dev/null ||
    die "packages are Debian's: install the likes of $DEV/packages/*.txt by hand"
  local missing
  missing=$(missing_packages "$@")
  [[ -n $missing ]] || return 0
  can_be_root || die "$(awk '{ printf "%s ", $1 }' <<< "$missing")must be installed, which $NO_ROOT"
  say "installing $(wc -l <<< "$missing") packages: $(awk '{ printf "%s ", $1 }' <<< "$missing")"
  # shellcheck disable=SC2086
  as_root bash "$DEV/lib/install.sh" $(tr ' ' '|' <<< "$missing") ||
    die "the packages above could not be installed"
}
