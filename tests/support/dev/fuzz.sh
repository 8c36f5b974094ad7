# SPDX-License-Identifier: Apache-2.0
#: fuzz [NAME] [--time S] — fuzz one parser for S seconds (60); without NAME lists them

cmd_fuzz() {
  local name='' seconds=60
  while [[ $# -gt 0 ]]; do
    case $1 in
      --time) seconds=${2:?--time wants seconds}; shift ;;
      -*) die "fuzz: unknown flag $1" 2 ;;
      *) name=$1 ;;
    esac
    shift
  done
  source "$DEV/lib/packages.sh"
  ensure_packages build test
  cmake --preset fuzz > "$(log_file configure-fuzz)" || { tail build/log/configure-fuzz.log >&2; exit 1; }
  [[ -n $name ]] || { fuzz_targets; return; }
  fuzz_targets | grep -x "$name" > /dev/null || die "no fuzz target '$name'; './dev fuzz' lists them" 2
  build_preset fuzz "fuzz_$name"
  fuzz_run "$name" "$seconds"
}

fuzz_targets() {
  ninja -C build/fuzz -t targets all | sed -n 's/^fuzz_\([a-z0-9_]*\): .*/\1/p' | sort -u
}

# New inputs are kept in build/fuzz/corpus, a crash in build/fuzz/crash; the seeds stay as they are.
fuzz_run() {
  local found=build/fuzz/corpus/$1 seeds=tests/fuzz/corpus/$1
  mkdir -p "$found" build/fuzz/crash
  local folders=("$found")
  [[ ! -d $seeds ]] || folders+=("$seeds")
  "$(find build/fuzz -name "fuzz_$1" -type f -perm -u+x | head -n 1)" -max_total_time="$2" -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 "-artifact_prefix=build/fuzz/crash/$1-" "${folders[@]}"
}
