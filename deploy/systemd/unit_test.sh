#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# unit_test.sh - systemd finds no fault in the unit, and it stays as closed as it is. Exposure
# is systemd's figure from 0 (closed) to 10, times 10. 77 without systemd-analyze.
set -u
here=$(dirname "$(realpath "$0")")
most_exposure=25

command -v systemd-analyze > /dev/null || { echo "SKIP unit: systemd-analyze is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The binary need not be installed here: another takes its place.
sed "s|/usr/bin/weft|$(command -v true)|" "$here/weft.service" > "$work/weft.service"

faults=0
said=$(systemd-analyze verify "$work/weft.service" 2>&1)
if [ $? -ne 0 ] || [ -n "$said" ]; then
  echo "FAIL unit.verify: $said"
  faults=1
else
  echo "PASS unit.verify"
fi
said=$(systemd-analyze security --no-pager --offline=yes --threshold=$most_exposure "$work/weft.service" 2>&1)
if [ $? -ne 0 ]; then
  echo "FAIL unit.security: $(tail -n 1 <<< "$said"), the most is $most_exposure / 10"
  faults=1
else
  echo "PASS unit.security: $(tail -n 1 <<< "$said")"
fi
exit $faults
