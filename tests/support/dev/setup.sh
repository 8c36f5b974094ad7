# SPDX-License-Identifier: Apache-2.0
#: setup [GROUP...] — install what is missing (groups: build demo test live vm; all, or none: each)

source "$DEV/lib/packages.sh"

cmd_setup() {
  local groups=("$@")
  [[ $# -gt 0 && $* != all ]] || groups=(build demo test live vm)
  ensure_packages "${groups[@]}"
}
