# SPDX-License-Identifier: Apache-2.0
# Work of a test run beside its groups, on what processor time these leave (SCHED_IDLE).

declare -A ASIDE=() # name → process, which leads a group of its own
trap stop_aside EXIT

# aside NAME COMMAND…: begins it; its output goes to build/log/NAME.log.
aside() {
  local name=$1 idle=(chrt --idle 0)
  shift
  "${idle[@]}" true 2> /dev/null || idle=(nice -n 19) # some containers forbid the former
  setsid "${idle[@]}" bash "$DEV/lib/clocked.sh" "$PWD/$RESULTS/dev.seconds" "$name" "$@" \
    < /dev/null > "$(log_file "$name")" 2>&1 &
  ASIDE[$name]=$!
}

# Waits until nothing runs aside. clang-tidy alone has a result of its own: a test that needs what
# was not fetched or built does so, or says why it cannot.
finish_aside() {
  local name code
  for name in "${!ASIDE[@]}"; do
    code=0
    hurry "${ASIDE[$name]}"
    timed "wait for $name" wait "${ASIDE[$name]}" || code=$?
    unset "ASIDE[$name]"
    [[ $name != tidy ]] || result_of "$name" "$code"
  done
}

# Nothing else is left to do: as much of the machine as others have, where root can say so.
hurry() {
  can_be_root || return 0
  local process
  for process in $(pgrep -g "$1"); do as_root chrt --other --pid 0 "$process" 2> /dev/null || true; done
}

# When the run is given up, so is what runs aside.
stop_aside() {
  local process
  for process in "${ASIDE[@]}"; do as_root kill -- "-$process" 2> /dev/null || true; done
}
