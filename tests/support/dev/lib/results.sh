# SPDX-License-Identifier: Apache-2.0
# Results of a test run: ctest's reports (GROUP.xml) and lines "OUTCOME<tab>NAME<tab>REASON"
# (*.tsv), OUTCOME passed, failed or skipped. What took how long: "SECONDS<tab>NAME"
# (*.seconds). summary.py adds them up.

RESULTS=build/test-results

results_begin() {
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
}
result() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >> "$RESULTS/dev.tsv"; }
# result_of NAME CODE: the one result of a check that wrote build/log/NAME.log.
result_of() {
  if [[ $2 == 0 ]]; then
    result passed "$1" ''
  else
    tail -n 20 "build/log/$1.log" >&2
    result failed "$1" "see build/log/$1.log"
  fi
}
took() { printf '%s\t%s\n' "$1" "$2" >> "$RESULTS/dev.seconds"; }
# timed NAME COMMAND…: runs it, notes how long it took, and returns what it does.
timed() {
  local name=$1 begin=$SECONDS code=0
  shift
  "$@" || code=$?
  took $((SECONDS - begin)) "$name"
  return "$code"
}
# Prints the slowest, the skips, the failures and the closing line; fails when a test did.
results_end() { python3 "$DEV/summary.py" "$RESULTS"; }
