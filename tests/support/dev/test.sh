# SPDX-License-Identifier: Apache-2.0
#: test [GROUP...] — all that can run here: unit replay scaffold instructions asan vm kernel live (and tsan fmt tidy)

source "$DEV/lib/packages.sh"
source "$DEV/lib/results.sh"
source "$DEV/lib/aside.sh"

# unit replay  the release build, no root      kernel  loads and attaches the BPF programs
# asan         the same under asan + ubsan     live    real servers and clients
# tsan         the same under tsan             vm      kernel and live tests on 6.1, in qemu
# scaffold     what `./dev new` makes          instructions  of the agent for each span, against figures
# With CI=true, no argument means fmt and tidy as well. What keeps the machine busy comes first:
# clang-tidy, the backends' builds and what else is fetched run aside, and are over before a VM or
# live test begins.
cmd_test() {
  local groups=("$@") group
  if [[ $# -eq 0 ]]; then
    groups=(unit replay scaffold instructions asan vm kernel live)
    [[ ${CI:-} != true ]] || groups=(fmt unit tidy "${groups[@]:1}")
  fi
  for group in "${groups[@]}"; do
    [[ $(type -t "group_$group") == function ]] || die "no test group '$group'; ./dev help lists them" 2
  done
  results_begin
  ensure_test_packages "${groups[@]}"
  ! asked_for vm || aside kernel ./dev backends kernel
  ! asked_for live || aside backends ./dev backends
  for group in "${groups[@]}"; do
    say "$group"
    timed "group $group" "group_$group" || true # what went wrong is in the results
  done
  finish_aside
  results_end
}

# asked_for GROUP: whether it is among cmd_test's.
asked_for() { [[ " ${groups[*]} " == *" $1 "* ]]; }

ensure_test_packages() {
  local wanted=(build test)
  case " $* " in *' live '* | *' kernel '*) wanted+=(demo live) ;; esac
  case " $* " in *' vm '*) wanted+=(demo live vm) ;; esac
  can_be_root || [[ -z $(missing_packages "${wanted[@]}") ]] || wanted=(build test)
  ensure_packages "${wanted[@]}"
}

group_unit() { built release && run_ctest unit release '-L ^unit$'; }
group_replay() { built release && run_ctest replay release '-L ^replay$'; }
group_scaffold() { built release && run_ctest scaffold release '-L ^scaffold$'; }
group_instructions() { built release && run_ctest instructions release '-L ^instructions$'; }
group_asan() { built dev && run_ctest asan dev '-L ^(unit|replay)$'; }
group_tsan() { built tsan && run_ctest tsan tsan '-L ^(unit|replay)$'; }
group_kernel() { built release && finish_aside && run_privileged kernel; }
group_live() { built release && finish_aside && run_privileged live; }
group_fmt() {
  local code=0
  ./dev fmt --check > "$(log_file fmt)" 2>&1 || code=$?
  result_of fmt "$code"
}
group_tidy() { aside tidy ./dev tidy; }
group_vm() { built release && finish_aside && run_vm; }

# built PRESET: once per run; a build that fails is one failed result.
declare -A BUILT=()
built() {
  if [[ -z ${BUILT[$1]:-} ]]; then
    BUILT[$1]=no
    if timed "build $1" build_preset "$1" > "$(log_file "build-$1")" 2>&1; then
      BUILT[$1]=yes
      [[ $1 != release ]] || ! asked_for live || aside image ./dev backends image
    else
      grep -E 'error|FAILED' "build/log/build-$1.log" | head -n 20 >&2
      result failed "build $1" "see build/log/build-$1.log"
    fi
  fi
  [[ ${BUILT[$1]} == yes ]]
}

# run_ctest GROUP PRESET WHICH [PREFIX...]: the outcome is read from the report, so that
# one red test does not keep the next group from running. WHICH: ctest's own flags.
# The few tests that failed are run once more, alone; the summary names those that pass then.
MOST_AGAIN=3
run_ctest() {
  local group=$1 preset=$2 which=$3 failed
  shift 3
  ctest_once "$group" "$preset" "$which" "$@"
  [[ -f $RESULTS/$group.xml ]] || result failed "$group" "ctest wrote no report, see build/log/test-$group.log"
  failed=$(grep -cE '\*\*\*(Failed|Timeout|Exception)' "build/log/test-$group.log" || true)
  if ((failed > 0 && failed <= MOST_AGAIN)); then
    ctest_once "$group.again" "$preset" --rerun-failed "$@"
  fi
}
# ctest_once REPORT PRESET WHICH [PREFIX...]
ctest_once() {
  local report=$1 preset=$2 which=$3
  shift 3
  # shellcheck disable=SC2086
  "$@" ctest --test-dir "build/$preset" $which -j "$(parallel "$report")" --timeout 900 \
    --output-on-failure --no-tests=ignore --test-output-size-passed 1000000 \
    --test-output-size-failed 1000000 --output-junit "$PWD/$RESULTS/$report.xml" > "$(log_file "test-$report")" 2>&1 || true
  grep -E '\*\*\*(Failed|Timeout|Exception)|^ *[0-9]+% tests passed' "build/log/test-$report.log" >&2 || true
}
# Kernel and live tests watch the whole host: one at a time. Those of the live ones with an agent
# are RUN_SERIAL; backends and delivery have none, and run beside each other only.
parallel() { case $1 in kernel | vm | *.again) echo 1 ;; *) jobs ;; esac; }

# Tests that load BPF programs: as root, where the kernel lets root do so. Those of the
# backends are about exporters and run anywhere.
KERNEL_FREE='^backends[.]'
run_privileged() {
  local reason
  if reason=$(refusal); then
    skip_tests "-L ^$1\$ -E $KERNEL_FREE" "$reason"
    run_ctest "$1" release "-L ^$1\$ -R $KERNEL_FREE"
  else
    run_ctest "$1" release "-L ^$1\$" as_root
    give_back build
  fi
}
# Booting another kernel needs root only to show the guest the whole of this root file system.
run_vm() {
  if can_be_root; then
    run_ctest vm release '-L ^vm$' as_root
    give_back build
  else
    skip_tests '-L ^vm$' "$NO_ROOT"
  fi
}
skip_tests() {
  # shellcheck disable=SC2086
  ctest --test-dir build/release -N $1 | sed -n 's/^ *Test *#[0-9]*: //p' |
    while read -r name; do result skipped "$name" "$2"; done
}

# refusal: prints why BPF cannot be had here; fails when it can.
refusal() {
  if ! can_be_root; then
    echo "$NO_ROOT"
    return
  fi
  local log
  log=$(log_file doctor)
  ! as_root build/release/weft doctor > "$log" 2>&1 || return 1
  echo "weft doctor: $(tail -n 1 "$log")"
}
