# SPDX-License-Identifier: Apache-2.0
#: help — this text

# Every command's body has lines `#: usage — what it does`; they are the help.
cmd_help() {
  echo "usage: ./dev COMMAND [ARGUMENT...]"
  echo
  grep -h '^#: ' "$DEV"/*.sh | sed 's/^#: //' | sort | awk -F ' — ' '{ printf "  %-38s %s\n", $1, $2 }'
}
