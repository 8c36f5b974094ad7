# SPDX-License-Identifier: Apache-2.0
#: verifier [PROGRAM...] — what this kernel's verifier makes of each BPF program: instructions, time, stack

cmd_verifier() {
  source "$DEV/lib/packages.sh"
  ensure_packages build
  build_preset release weft > "$(log_file build-release)" 2>&1 || { tail -n 30 build/log/build-release.log >&2; exit 1; }
  local tool=build/release/verifier_cost
  # shellcheck disable=SC2046 # flags are words
  cc -O1 -Wall -Wextra -Werror -o "$tool" tests/bench/verifier_cost.c $(pkg-config --cflags --libs libbpf)
  as_root "$tool" build/release/bpf/weft.linked.o "$@"
}
