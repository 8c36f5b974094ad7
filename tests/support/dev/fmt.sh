# SPDX-License-Identifier: Apache-2.0
#: fmt [--check] — clang-format 14 over the whole tree

cmd_fmt() {
  command -v clang-format-14 > /dev/null || { source "$DEV/lib/packages.sh"; ensure_packages test; }
  local mode=(-i)
  [[ ${1:-} != --check ]] || mode=(--dry-run -Werror)
  # Sniffers are kernel C, though they live with their protocol.
  source_files '*.h' '*.cpp' '*.c' | grep -v '/sniff\.h$' |
    xargs -r -n 16 -P "$(jobs)" clang-format-14 "${mode[@]}" || return
  source_files '*/sniff.h' | xargs -r clang-format-14 -style=file:bpf/.clang-format "${mode[@]}"
}
