# SPDX-License-Identifier: Apache-2.0
#: new protocol NAME — a folder under probes/protocol with a working example, and its .def line

cmd_new() {
  [[ ${1:-} == protocol && $# -eq 2 ]] || die "usage: ./dev new protocol NAME" 2
  tests/support/new_protocol.sh "$2"
}
