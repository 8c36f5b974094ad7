#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# new_protocol.sh NAME [ROOT] — writes probes/protocol/NAME and its line in protocol.def:
# a working session for a line protocol, to be replaced piece by piece, and its row in README.md.
set -euo pipefail

die() { echo "new protocol: $1" >&2; exit 2; }

[[ $# -ge 1 && $# -le 2 ]] || die "usage: new_protocol.sh NAME [ROOT]"
name=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${2:-$(cd "$here/../.." && pwd)}
list=$root/probes/protocol.def
folder=$root/probes/protocol/$name

[[ $name =~ ^[a-z][a-z0-9]{1,14}$ ]] || die "'$name': 2 to 15 of a-z and 0-9, beginning with a letter"
[[ -f $list ]] || die "no probes/protocol.def in $root"
[[ ! -e $folder ]] || die "probes/protocol/$name is there already"
! grep -q "[, ]$name)" "$list" || die "protocol.def names $name already"

last=$(sed -n 's/^PROTOCOL(\([0-9]*\),.*/\1/p' "$list" | sort -n | tail -n 1)
id=$((${last:-0} + 1))
[[ $id -le 255 ]] || die "no id below 256 is free"

mkdir -p "$folder"
for template in "$here"/scaffold/*.in; do
  file=$folder/$(basename "$template" .in)
  sed -e "s/@name@/$name/g" -e "s/@NAME@/${name^^}/g" -e "s/@Name@/${name^}/g" -e "s/@id@/$id/g" "$template" > "$file"
  echo "probes/protocol/$name/$(basename "$file")"
done
echo "PROTOCOL($id, ${name^^}, $name)" >> "$list"
echo "probes/protocol.def: id $id"
if [[ -f $root/README.md ]]; then
  row="| [$name](probes/protocol/$name) | what of it is understood |"
  last_row=$(grep -n '^|.*](probes/protocol/' "$root/README.md" | tail -n 1 | cut -d: -f1)
  sed -i "${last_row}a $row" "$root/README.md"
  echo "README.md: a row to complete"
fi
echo "next: tests/fuzz/corpus/$name/, then CONTRIBUTING.md"
