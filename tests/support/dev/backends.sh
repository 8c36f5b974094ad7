# SPDX-License-Identifier: Apache-2.0
#: backends — build the real backends of the live tests, once: minutes each (tests/backends)

# As root where that can be had, as the live tests run: each user has caches of his own.
cmd_backends() {
  local run=() name code failed=0
  if can_be_root; then run=(as_root); fi
  for name in $(backend_recipes); do
    code=0
    "${run[@]}" tests/backends/build.sh "$name" || code=$?
    [[ $code == 0 || $code == 77 ]] || failed=1 # 77: not on this machine, and said why
  done
  return "$failed"
}

backend_recipes() {
  local pins
  for pins in tests/backends/*/{go.sum,artifact}; do [[ ! -f $pins ]] || basename "$(dirname "$pins")"; done
}
