# SPDX-License-Identifier: Apache-2.0
#: bench [SCENARIO...] [--json FILE] [--markdown FILE] [--baseline WEFT] — what the agent costs, in interleaved pairs with and without it
#: bench export — what it costs to encode, queue and send spans, for each exporter
#: bench --micro [NAME...] — the NAME_bench of the rooms (all), which measure one piece of code each
#: bench --micro pipeline [--json FILE] [--profiles FOLDER] — instructions per span, of each recording in tests/replay

cmd_bench() {
  source "$DEV/lib/packages.sh"
  if [[ ${1-} == --micro && ${2-} == pipeline ]]; then
    bench_pipeline "${@:3}"
  elif [[ ${1-} == --micro ]]; then
    bench_micro "${@:2}"
  elif [[ ${1-} == export ]]; then
    bench_export
  else
    bench_agent "$@"
  fi
}

bench_agent() {
  ensure_packages build demo live
  build_preset release weft > "$(log_file build-release)" 2>&1 || { tail -n 30 build/log/build-release.log >&2; exit 1; }
  cd "$WEFT_CALLER" # where --json FILE goes
  as_root /usr/bin/python3 -B "$WEFT_ROOT/tests/bench/bench.py" --weft "$WEFT_ROOT/build/release/weft" "$@"
}

bench_export() {
  bench_micro otlp_encode zipkin jaeger xray
  build_preset release export_load post_sink > "$(log_file build-export)" 2>&1 || { tail -n 30 build/log/build-export.log >&2; exit 1; }
  /usr/bin/python3 -B tests/bench/export.py "$WEFT_ROOT/build/release"
}

bench_pipeline() {
  ensure_packages build test
  build_preset release weft > "$(log_file build-release)" 2>&1 || { tail -n 30 build/log/build-release.log >&2; exit 1; }
  cd "$WEFT_CALLER" # where --json FILE goes
  /usr/bin/python3 -B "$WEFT_ROOT/tests/bench/pipeline.py" --weft "$WEFT_ROOT/build/release/weft" "$@"
}

bench_micro() {
  ensure_packages build test
  cmake --preset release > "$(log_file configure-release)" || { tail build/log/configure-release.log >&2; exit 1; }
  local name names=("$@")
  [[ $# -gt 0 ]] || mapfile -t names < <(micro_benches)
  for name in "${names[@]}"; do
    micro_benches | grep -x "$name" > /dev/null || die "no '$name'; there are: $(micro_benches | paste -sd ' ')" 2
  done
  build_preset release "${names[@]/%/_bench}" > "$(log_file build-micro)" 2>&1 || { tail -n 30 build/log/build-micro.log >&2; exit 1; }
  for name in "${names[@]}"; do
    say "$name"
    "$(find build/release -name "${name}_bench" -type f -perm -u+x | head -n 1)"
  done
}

micro_benches() { ninja -C build/release -t targets all | sed -n '/^cmake_/d; s/^\([a-z0-9_]*\)_bench: .*/\1/p' | sort -u; }
