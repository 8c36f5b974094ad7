# SPDX-License-Identifier: Apache-2.0
#: demo [--once] — a few ordinary services and their traces; --once: one trace, then exit

# Without root the demo replays a recording, which needs no more than the agent.
cmd_demo() {
  source "$DEV/lib/packages.sh"
  local run=() needs=(build demo)
  if can_be_root; then run=(as_root); else needs=(build); fi
  ensure_packages "${needs[@]}"
  say "building"
  build_preset release weft > "$(log_file build-release)" 2>&1 || { tail -n 30 build/log/build-release.log >&2; exit 1; }
  "${run[@]}" /usr/bin/python3 -B tests/support/demo/demo.py --weft build/release/weft "$@"
}
