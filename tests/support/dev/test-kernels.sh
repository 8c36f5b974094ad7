# SPDX-License-Identifier: Apache-2.0
#: test-kernels [-v] [KERNEL...] — kernel tests and one HTTP chain per hook type, in qemu (5.10 6.1 6.12 newest)

cmd_test_kernels() {
  source "$DEV/lib/packages.sh"
  ensure_packages build test demo vm
  build_preset release > "$(log_file build-release)" 2>&1 || { tail -n 30 build/log/build-release.log >&2; exit 1; }
  as_root tests/kernel/matrix.sh "$@"
}
