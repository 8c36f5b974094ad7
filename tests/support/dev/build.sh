# SPDX-License-Identifier: Apache-2.0
#: build [PRESET] — build into build/PRESET: release (the default), dev, tsan, coverage, fuzz

source "$DEV/lib/packages.sh"

cmd_build() {
  local preset=${1:-release} groups=(build)
  [[ $preset == release ]] || groups+=(test)
  ensure_packages "${groups[@]}"
  build_preset "$preset"
  [[ ! -x build/$preset/weft ]] || echo "build/$preset/weft"
}
