# SPDX-License-Identifier: Apache-2.0
#: run [ARGUMENT...] — build, then `weft run ARGUMENT...` as root

source "$DEV/lib/packages.sh"

cmd_run() {
  ensure_packages build
  build_preset release weft > /dev/null
  cd "$WEFT_CALLER"
  as_root "$WEFT_ROOT/build/release/weft" run "$@"
}
