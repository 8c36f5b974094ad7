# SPDX-License-Identifier: Apache-2.0
# From an unpacked kernel package to what qemu boots. Sourced by vmrun.sh.
# shellcheck shell=bash
#
# vmlinux: the ELF inside the bzImage, entered by PVH, which saves the BIOS and the
# decompressor (1-4 s under TCG). initramfs: a static busybox and the dozen modules that
# mounting 9p and overlay takes, in insmod order. Both are made once per kernel; what
# belongs to one run is a second cpio archive appended to the initramfs.

# Bump when vm/guest/ or initramfs_build changes what the cached archive holds.
INITRAMFS=$(cat "$HERE"/vm/guest/* "$HERE"/vm/boot_image.sh | sha256sum | cut -c 1-12)
readonly INITRAMFS

byte_at() { od -An -tu1 -j$(($2)) -N1 "$1" | tr -d ' '; }
word_at() { od -An -tu4 -j$(($2)) -N4 "$1" | tr -d ' '; }

# decompress FILE: to stdout, by its magic.
decompress() {
  case $(od -An -tx1 -N4 "$1" | tr -d ' ') in
    fd377a58) xz -dc --single-stream "$1" ;;
    28b52ffd) zstd -dcq "$1" ;;
    1f8b*) gzip -dc "$1" ;;
    02214c18) lz4 -dcq "$1" ;;
    *) cat "$1" ;;
  esac
}

# vmlinux_build BZIMAGE OUT: by the boot protocol's fields setup_sects, payload_offset and
# payload_length (Documentation/x86/boot.rst).
vmlinux_build() {
  local image=$1 out=$2 start length
  start=$(( ($(byte_at "$image" 0x1f1) + 1) * 512 + $(word_at "$image" 0x248) ))
  length=$(word_at "$image" 0x24c)
  tail -c +$((start + 1)) "$image" | head -c "$length" > "$out.payload"
  # The payload ends with its unpacked size, which the decompressors call trailing garbage.
  decompress "$out.payload" > "$out.tmp" 2>/dev/null
  rm -f "$out.payload"
  [ "$(head -c 4 "$out.tmp" | tail -c 3)" = ELF ] && mv "$out.tmp" "$out"
}

# insmod_order BASE RELEASE MODULE…: paths of the modules and their dependencies.
insmod_order() {
  local base=$1 release=$2 module
  shift 2
  for module in "$@"; do
    modprobe -d "$base" -S "$release" --show-depends "$module" 2>/dev/null
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# archive FOLDER FILE…: a newc cpio on stdout.
archive() { (cd "$1" && shift && printf '%s\n' "$@" | cpio -o -H newc --quiet); }

# initramfs_build OUT
initramfs_build() {
  local tree=$KERNEL_DIR/initramfs.tree base=${MODULES%/lib/modules/*} path name
  rm -rf "$tree" "$KERNEL_DIR"/initramfs.*.cpio
  mkdir -p "$tree"/{bin,modules,proc,sys,dev,lower,upper,root}
  install -m 755 "$CACHE/busybox" "$tree/bin/busybox"
  install -m 755 "$HERE"/vm/guest/* "$tree/"
  insmod_order "$base" "$RELEASE" virtio_pci 9pnet_virtio 9p overlay | while read -r path; do
    name=$(basename "$path" | sed 's/\.ko.*/.ko/')
    decompress "$path" > "$tree/modules/$name"
    echo "$name"
  done > "$tree/modules/order"
  (cd "$tree" && find . | cpio -o -H newc --quiet) > "$1.tmp" && mv "$1.tmp" "$1"
  rm -rf "$tree"
}

# image_prepare: sets MODULES, RELEASE, IMAGE and BASE_INITRAMFS for KERNEL_DIR.
image_prepare() {
  local packed
  MODULES=$(compgen -G "$KERNEL_DIR/lib/modules/*/kernel" || compgen -G "$KERNEL_DIR/usr/lib/modules/*/kernel")
  [ -n "$MODULES" ] || die "no modules below $KERNEL_DIR"
  MODULES=${MODULES%/kernel} RELEASE=$(basename "${MODULES%/kernel}")
  exec 8> "$KERNEL_DIR/lock" && flock 8
  [ -e "$MODULES/modules.dep" ] || depmod -b "${MODULES%/lib/modules/*}" "$RELEASE" 2>/dev/null
  packed=$(compgen -G "$KERNEL_DIR/boot/vmlinuz-*" || compgen -G "$MODULES/vmlinuz")
  IMAGE=$KERNEL_DIR/vmlinux
  [ -e "$IMAGE" ] || vmlinux_build "$packed" "$IMAGE" || IMAGE=$packed
  BASE_INITRAMFS=$KERNEL_DIR/initramfs.$INITRAMFS.cpio
  [ -e "$BASE_INITRAMFS" ] || initramfs_build "$BASE_INITRAMFS" || die "no initramfs for $RELEASE"
  flock -u 8
}
