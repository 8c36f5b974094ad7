# SPDX-License-Identifier: Apache-2.0
#: tidy [--changed] — clang-tidy 19 over what ships (.clang-tidy), or what differs from main

cmd_tidy() {
  source "$DEV/lib/packages.sh"
  ensure_packages build test
  # Generated headers must exist before anything can be parsed.
  build_preset release weft > "$(log_file tidy-build)" 2>&1 || { tail -n 30 build/log/tidy-build.log >&2; return 1; }
  local files
  mapfile -t files < <(tidy_files "${1:-}")
  [[ ${#files[@]} -gt 0 ]] || return 0
  printf '%s\n' "${files[@]}" | nice python3 -B "$DEV/tidy.py" build/release
}

# Sources of the agent: no tests, fuzzers or benches (their macros drown the list).
tidy_files() {
  local all
  all=$(source_files 'agent/*.cpp' 'exporters/*.cpp' 'probes/*.cpp' | grep -Ev '_(test|fuzz|bench)\.cpp$')
  if [[ $1 == --changed ]]; then
    git diff --name-only "$(git merge-base HEAD main)" | grep -Fxf <(echo "$all") || true
  else
    echo "$all"
  fi
}
