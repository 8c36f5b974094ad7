# SPDX-License-Identifier: Apache-2.0
# clocked.sh FILE NAME COMMAND…: runs it, and adds "SECONDS<tab>NAME" to the file.
file=$1 name=$2
shift 2
"$@"
code=$?
printf '%s\t%s\n' "$SECONDS" "$name, aside" >> "$file"
exit "$code"
