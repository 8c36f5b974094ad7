# SPDX-License-Identifier: Apache-2.0
# One boot in qemu. Sourced by vmrun.sh.
# shellcheck shell=bash

qemu_major() { "$QEMU" --version | sed -n '1s/.*version \([0-9]*\).*/\1/p'; }

# accelerator: kvm where it can work, else TCG. The kernel patches its own text through a
# temporary int3 when probes attach; multi-threaded TCG older than qemu 10 loses that race
# within seconds, so those run their vCPUs in turn. Never one vCPU: it hides per-CPU bugs.
accelerator() {
  if grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then
    echo kvm
  elif [ "$(qemu_major)" -ge 10 ]; then
    echo tcg,thread=multi,tb-size=512
  else
    echo tcg,thread=single,tb-size=512
  fi
}

# share TAG FOLDER [,readonly=on]: appends to QEMU_ARGS.
share() {
  QEMU_ARGS+=(-fsdev "local,id=$1,path=$2,security_model=none,multidevs=remap${3:-}"
    -device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}

# run_files: this run's own part of the initramfs: the command, the release, the shares.
run_files() {
  local folder=$WORK/initramfs.run i=0 entry
  mkdir -p "$folder"
  { for entry in "${ENVIRONMENT[@]}"; do printf 'export %q\n' "$entry"; done
    [ ${#COMMAND[@]} = 1 ] && printf '%s\n' "${COMMAND[0]}" || { printf '%q ' "${COMMAND[@]}"; echo; }
  } > "$folder/command"
  printf 'RELEASE=%q\nSYSTEMD=%q\n' "$RELEASE" "$SYSTEMD" > "$folder/run.cfg"
  : > "$folder/shares"
  for entry in "${SHARES[@]}"; do
    echo "share$i $entry" >> "$folder/shares"
    share "share$i" "$entry"
    i=$((i + 1))
  done
  { cat "$BASE_INITRAMFS"; archive "$folder" command run.cfg shares; } > "$WORK/initramfs"
}

# Follows FILE until qemu ends.
follow() { tail -q -c +1 -s 0.1 -f --pid="$QEMU_PID" "$1" 2>/dev/null; }

# boot: one run in $WORK; streams the guest's output; returns qemu's exit code.
boot() {
  local accel cpu=max,la57=off loglevel=quiet followers=() rc
  accel=$(accelerator)
  [ "$accel" = kvm ] && cpu=host
  [ -n "$VERBOSE" ] && loglevel=loglevel=7
  mkdir -p "$WORK/out"
  : > "$WORK/out/stdout"; : > "$WORK/out/stderr"; : > "$WORK/console"
  QEMU_ARGS=()
  share root / ,readonly=on
  share modules "$MODULES" ,readonly=on
  share out "$WORK/out"
  run_files
  timeout --foreground -k 5 "$LIMIT" "$QEMU" -M pc -accel "$accel" -cpu $cpu -smp "$CPUS" -m "$MEMORY" \
    -nodefaults -display none -no-reboot -nic none -kernel "$IMAGE" -initrd "$WORK/initramfs" \
    -append "console=ttyS0 $loglevel panic=-1 oops=panic mitigations=off no_timer_check tsc=reliable \
nowatchdog random.trust_cpu=on rcupdate.rcu_cpu_stall_suppress=1 apparmor=0 selinux=0 $APPEND" \
    -serial "file:$WORK/console" "${QEMU_ARGS[@]}" < /dev/null 2> "$WORK/qemu.stderr" &
  QEMU_PID=$!
  follow "$WORK/out/stdout" & followers+=($!)
  follow "$WORK/out/stderr" >&2 & followers+=($!)
  [ -n "$VERBOSE" ] && { follow "$WORK/console" >&2 & followers+=($!); }
  wait "$QEMU_PID"; rc=$?
  wait "${followers[@]}" 2>/dev/null
  grep -aE 'BUG:|WARNING: CPU|Oops|rcu:.*stall|general protection' "$WORK/console" |
    sed 's/^/vmrun: kernel: /' >&2
  return $rc
}
