# SPDX-License-Identifier: Apache-2.0
#: mutate FOLDER [--tests ROOM,…] [--minutes N] — which conditions of a room no test of it checks

cmd_mutate() {
  source "$DEV/lib/packages.sh"
  ensure_packages build test
  python3 -B "$DEV/mutate.py" "$@"
}
