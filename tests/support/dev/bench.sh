# SPDX-License-Identifier: Apache-2.0
#: bench [SCENARIO...] [--json FILE] — what the agent costs, in interleaved pairs with and without it

cmd_bench() {
  source "$DEV/lib/packages.sh"
  ensure_packages build demo live
  build_preset release weft > "$(log_file build-release)" 2>&1 || { tail -n 30 build/log/build-release.log >&2; exit 1; }
  cd "$WEFT_CALLER" # where --json FILE goes
  as_root /usr/bin/python3 -B "$WEFT_ROOT/tests/bench/bench.py" --weft "$WEFT_ROOT/build/release/weft" "$@"
}
