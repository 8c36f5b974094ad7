# SPDX-License-Identifier: Apache-2.0
# What every command may use: messages, root, presets. Sourced by ./dev.

PATH=$PATH:/usr/sbin:/sbin # bpftool, nginx, dockerd

say() { printf '%s== %s%s\n' "${BOLD-}" "$*" "${BOLD:+$'\033[0m'}" >&2; }
[[ ! -t 2 ]] || BOLD=$'\033[1m'
die() {
  printf 'dev: %s\n' "$1" >&2
  exit "${2:-1}"
}

# Root by being it, or by a sudo that lets us (it may ask for a password on a terminal).
NO_ROOT="needs root: run './dev $command' as root, or install sudo"
CAN_BE_ROOT=''
can_be_root() {
  if [[ -z $CAN_BE_ROOT ]]; then
    CAN_BE_ROOT=no
    if [[ $EUID == 0 ]]; then
      CAN_BE_ROOT=yes
    elif command -v sudo > /dev/null; then
      NO_ROOT="needs root, and sudo refuses"
      if sudo -n true 2> /dev/null || { [[ -t 0 ]] && sudo -v; }; then CAN_BE_ROOT=yes; fi
    fi
  fi
  [[ $CAN_BE_ROOT == yes ]]
}
as_root() {
  if [[ $EUID == 0 ]]; then
    "$@"
  elif can_be_root; then
    sudo --preserve-env=CI,GOFLAGS,GOPROXY,GOSUMDB,http_proxy,https_proxy,no_proxy env PATH="$PATH" "$@"
  else
    die "$NO_ROOT"
  fi
}
# Files a root step left in the build tree go back to the caller.
give_back() { [[ $EUID == 0 ]] || as_root chown -R "$(id -u):$(id -g)" "$@"; }

jobs() { nproc; }

# build_preset PRESET [TARGET…]: configures when needed (also when the presets have changed),
# builds what changed. --fresh: a preset with another compiler would lose its other settings.
build_preset() {
  local preset=$1
  shift
  [[ build/$preset/build.ninja -nt CMakePresets.json ]] || cmake --fresh --preset "$preset" > "$(log_file configure-"$preset")" ||
    { cat "build/log/configure-$preset.log" >&2; return 1; }
  # One at a time in a folder: clang-tidy's may come while a test run builds.
  flock "build/$preset" cmake --build "build/$preset" --parallel "$(jobs)" ${1:+--target "$@"}
}
log_file() {
  mkdir -p build/log
  echo "build/log/$1.log"
}

# The project's own sources: tracked files and new ones that are not ignored.
source_files() {
  if git rev-parse --git-dir > /dev/null 2>&1; then
    git ls-files -co --exclude-standard -- "$@" | while read -r f; do [[ -f $f ]] && echo "$f"; done
  else
    local patterns=() p
    for p in "$@"; do patterns+=(-o -name "$p"); done
    find agent bpf exporters probes tests -type f \( "${patterns[@]:1}" \)
  fi
}
