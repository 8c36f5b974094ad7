#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh NAME: prints the path of a real tracing backend, building it first if need be.
#
# A backend is a folder beside this script: go.mod and go.sum pin every module, or `artifact`
# names a jar (Maven coordinates, and its SHA-256 on the second line). Binaries live outside the
# checkout, one folder per recipe content, so a changed recipe is a new build and an unchanged
# one is free:  ${XDG_CACHE_HOME:-~/.cache}/weft/backends/NAME-HASH/NAME
# Cold, on two cores: otelcol 3 min, jaeger 5 min, tempo 9 min, prometheus 3 min.
# Progress and errors go to stderr.
#
# Exit: 0 path printed · 1 the build failed · 2 no such recipe · 77 no Go, or too old a one; no
# Java 17 or no Maven.
# go.sum is kept as it is: `go mod tidy` would ask for modules the tests never need.
set -euo pipefail

name=${1:?usage: build.sh NAME}
here=$(cd "$(dirname "$0")" && pwd)
recipe=$here/$name
[ -f "$recipe/go.sum" ] || [ -f "$recipe/artifact" ] || { echo "no recipe for '$name' in $here" >&2; exit 2; }

pins() { for f in go.mod go.sum builder.yaml artifact; do [ ! -f "$recipe/$f" ] || cat "$recipe/$f"; done; }
hash=$(pins | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weft/backends/$name-$hash
if [ -x "$cache/$name" ]; then echo "$cache/$name"; exit 0; fi

fetch_jar() {  # beside nothing else, so that its name need not be known
  local java coordinates sum
  { read -r coordinates; read -r sum; } < "$recipe/artifact"
  command -v java >/dev/null && command -v mvn >/dev/null || { echo "$name needs java and mvn on PATH" >&2; exit 77; }
  java=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${java:-0}" -ge 17 ] || { echo "$name needs Java 17, this is $java" >&2; exit 77; }
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  mvn -q -B -Dstyle.color=never dependency:copy -Dartifact="$coordinates" -DoutputDirectory="$folder" >&2
  echo "$sum  $(echo "$folder"/*.jar)" | sha256sum -c --quiet >&2
  mkdir -p "$cache"
  mv "$folder"/*.jar "$cache/$name.part"
  chmod +x "$cache/$name.part"  # the mark of what is complete, as for programs
  mv "$cache/$name.part" "$cache/$name"
}
if [ -f "$recipe/artifact" ]; then fetch_jar; echo "$cache/$name"; exit 0; fi

command -v go >/dev/null || { echo "$name needs Go to build, and go is not on PATH" >&2; exit 77; }
need=$(awk '$1 == "go" {print $2}' "$recipe/go.mod")
have=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
if [ "$(printf '%s\n%s\n' "$need" "$have" | sort -V | head -n 1)" != "$need" ]; then
  echo "$name needs Go $need, this is Go $have" >&2
  exit 77
fi

# Two tests may ask at once: one builds, the other waits and finds the result.
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
if [ -x "$cache/$name" ]; then echo "$cache/$name"; exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$recipe"/go.* "$work"
[ ! -f "$recipe/builder.yaml" ] || cp "$recipe/builder.yaml" "$work"
chmod u+w "$work"/*
cd "$work"
export GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS="-buildvcs=false -modcacherw"

collector_main() {  # the collector's builder writes main.go; our go.mod and go.sum stay
  local version
  version=$(awk '$1 == "version:" {print $2}' builder.yaml)
  cp go.mod go.mod.pinned
  cp go.sum go.sum.pinned
  GOBIN=$work go install "go.opentelemetry.io/collector/cmd/builder@v$version"
  ./builder --config builder.yaml --skip-get-modules --skip-compilation
  mv go.mod.pinned go.mod
  mv go.sum.pinned go.sum
  rm -f main_windows.go
}

package=. tags=
case $name in
  otelcol) collector_main >&2 ;;
  jaeger) package=github.com/jaegertracing/jaeger/cmd/jaeger ;;
  tempo) package=github.com/grafana/tempo/cmd/tempo ;;
  prometheus)
    package=github.com/prometheus/prometheus/cmd/prometheus
    tags=remove_all_sd  # no service discovery: half of the modules
    ;;
esac
echo "building $name, once ($(nproc) cores: minutes)" >&2
go build -mod=mod -tags "$tags" -trimpath -ldflags "-s -w" -o "$cache/$name.part" "$package" >&2
mv "$cache/$name.part" "$cache/$name"
echo "$cache/$name"
