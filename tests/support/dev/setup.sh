# SPDX-License-Identifier: Apache-2.0
#: setup [GROUP...] — install what is missing (groups: build demo test live vm; all)

source "$DEV/lib/packages.sh"

cmd_setup() {
  local groups=("$@")
  [[ $# -gt 0 ]] || groups=(build demo test live vm)
  ensure_packages "${groups[@]}"
}
