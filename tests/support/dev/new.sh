# SPDX-License-Identifier: Apache-2.0
#: new protocol|engine|exporter NAME — a folder with a working example, and its .def line

cmd_new() {
  [[ ${1:-} =~ ^(protocol|engine|exporter)$ && $# -eq 2 ]] || die "usage: ./dev new protocol|engine|exporter NAME" 2
  tests/support/new.sh "$@"
}
