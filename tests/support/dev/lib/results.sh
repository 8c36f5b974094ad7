# SPDX-License-Identifier: Apache-2.0
# Results of a test run: ctest's reports (GROUP.xml) and lines "OUTCOME<tab>NAME<tab>REASON"
# (*.tsv), OUTCOME passed, failed or skipped. summary.py adds them up.

RESULTS=build/test-results

results_begin() {
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
}
result() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >> "$RESULTS/dev.tsv"; }
# Prints the skips, the failures and the closing line; fails when a test did.
results_end() { python3 "$DEV/summary.py" "$RESULTS"; }
