# SPDX-License-Identifier: Apache-2.0
#: backends [WHAT...] — fetch and build what live and vm tests need, once: real backends (minutes each)

# WHAT: packages, kernel (of the VM), image (the base of deploy/docker's; wants a release build), or a
# backend of tests/backends. As root where that can be had, as the tests run: each user has caches of
# his own. What cannot be fetched is said by the test that wants it.
cmd_backends() {
  local run=(env) name code failed=0
  if can_be_root; then run=(as_root); fi
  [[ $# -gt 0 ]] || set -- packages $(backend_recipes)
  for name in "$@"; do
    code=0
    case $name in
      packages) fetch_packages || true ;;
      kernel) "${run[@]}" tests/kernel/vmrun.sh -f 6.1 || true ;;
      image) fetch_image || true ;;
      *) "${run[@]}" tests/backends/build.sh "$name" || code=$? ;;
    esac
    [[ $code == 0 || $code == 77 ]] || failed=1 # 77: not on this machine, and said why
  done
  return "$failed"
}

backend_recipes() {
  local pins
  for pins in tests/backends/*/{go.sum,artifact}; do [[ ! -f $pins ]] || basename "$(dirname "$pins")"; done
}

fetch_packages() {
  "${run[@]}" env PYTHONPATH=tests/support/py /usr/bin/python3 -B -m weft_harness.pins
  "${run[@]}" /usr/bin/python3 -B tests/backends/fetch.py
}

# The image is thrown away, its base stays.
fetch_image() {
  local folder
  folder=$(mktemp -d)
  "${run[@]}" deploy/docker/build-image.sh -b build/release/weft -o "$folder/image.tar"
  "${run[@]}" rm -rf "$folder"
}
