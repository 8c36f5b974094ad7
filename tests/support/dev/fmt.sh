# SPDX-License-Identifier: Apache-2.0
#: fmt [--check] — clang-format 14 over the whole tree

cmd_fmt() {
  command -v clang-format-14 > /dev/null || { source "$DEV/lib/packages.sh"; ensure_packages test; }
  local mode=(-i)
  [[ ${1:-} != --check ]] || mode=(--dry-run -Werror)
  source_files '*.h' '*.cpp' '*.c' | xargs -r -n 16 -P "$(jobs)" clang-format-14 "${mode[@]}"
}
