# SPDX-License-Identifier: Apache-2.0
#: correlate [RUNTIME...] [--json FILE] — right, wrong and orphaned parents per runtime

cmd_correlate() {
  source "$DEV/lib/packages.sh"
  ensure_packages build demo live
  build_preset release weft > "$(log_file build-release)" 2>&1 || { tail -n 30 build/log/build-release.log >&2; exit 1; }
  cd "$WEFT_CALLER" # where --json FILE goes
  as_root /usr/bin/python3 -B "$WEFT_ROOT/tests/live/correlate.py" --weft "$WEFT_ROOT/build/release/weft" "$@"
}
