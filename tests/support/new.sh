#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# new.sh KIND NAME [ROOT] — KIND protocol, engine or exporter: a folder of that name with a working
# example (scaffold/KIND), to be replaced piece by piece; its line in the .def file, its row in README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
die() { echo "new ${kind:-}: $1" >&2; exit 2; }

[[ $# -ge 2 && $# -le 3 ]] || die "usage: new.sh protocol|engine|exporter NAME [ROOT]"
kind=$1 name=$2 root=${3:-$(cd "$here/../.." && pwd)}
next="CONTRIBUTING.md"
case $kind in
  protocol)
    home=probes/protocol list=probes/protocol.def what="what of it is understood"
    next="tests/fuzz/corpus/$name/, then CONTRIBUTING.md" ;;
  engine) home=probes/storage list=probes/engine.def what="what of it is told" ;;
  exporter) home=exporters list=exporters/exporter.def what="where spans go, and how" ;;
  *) die "no such kind: protocol, engine and exporter are" ;;
esac
folder=$home/$name
word=${kind^^}

[[ $name =~ ^[a-z][a-z0-9]{1,14}$ ]] || die "'$name': 2 to 15 of a-z and 0-9, beginning with a letter"
[[ -f $root/$list ]] || die "no $list in $root"
[[ ! -e $root/$folder ]] || die "$folder is there already"
! grep -q "^$word(.*\b$name)" "$root/$list" || die "$list names $name already"

free_id() {
  local last
  last=$(sed -n "s/^$word(\([0-9]*\),.*/\1/p" "$root/$list" | sort -n | tail -n 1)
  id=$((${last:-0} + 1))
  [[ $id -le 255 ]] || die "no id below 256 is free"
}

# add FILE PATTERN LINE: after the last line that fits. Before it for an engine, for the last
# one takes any file.
add() {
  local at how=a
  [[ $kind != engine ]] || how=i
  at=$(grep -n "$2" "$1" | tail -n 1 | cut -d: -f1)
  sed -i "${at:-\$}$how $3" "$1"
}

case $kind in
  protocol) free_id; line="PROTOCOL($id, ${name^^}, $name)" ;;
  engine) free_id; line="ENGINE($id, $name)" ;;
  exporter) line="EXPORTER($name)" ;;
esac

mkdir -p "$root/$folder"
for template in "$here/scaffold/$kind"/*.in; do
  file=$folder/$(basename "$template" .in)
  sed -e "s/@name@/$name/g" -e "s/@NAME@/${name^^}/g" -e "s/@Name@/${name^}/g" -e "s/@id@/${id:-}/g" "$template" > "$root/$file"
  echo "$file"
done
add "$root/$list" "^$word(" "$line"
echo "$list: $line"
if [[ -f $root/README.md ]]; then
  add "$root/README.md" "^|.*]($home/" "| [$name]($folder) | $what |"
  echo "README.md: a row to complete"
fi
echo "next: $next"
