/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 0. What differs between kernels, each entry with the change that made it so. */
#ifndef WEFT_COMPAT_BPF_H
#define WEFT_COMPAT_BPF_H

#include "bpf/lib/types.bpf.h"

#ifndef __TARGET_ARCH_x86
#error "user registers are read for x86-64 only; add the architecture's layout and syscall numbers"
#endif

/* The registers the current task entered the kernel with. bpf_task_pt_regs is there
 * since 5.15 (dd6e10fbd9fb); before, they sit at the top of the kernel stack (16 KiB on
 * x86-64 without KASAN, no padding until FRED in 6.9). False for kernel threads and
 * io_uring workers, which never entered. */
static __always_inline bool compat__user_regs(struct pt_regs *out)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	const void *regs;

	if (BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER))
		return false;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		regs = (const void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	else
		regs = (const char *)BPF_CORE_READ(task, stack) + 16384 - sizeof(*out);
	return bpf_probe_read_kernel(out, sizeof(*out), regs) == 0;
}

enum compat_iter { COMPAT_ITER_OTHER, COMPAT_ITER_UBUF, COMPAT_ITER_IOVEC };

/* Kind of an iov_iter. Values of enum iter_type moved several times, so they are
 * relocated; UBUF exists since 6.0 (fcb14cb1bdac). */
static __always_inline enum compat_iter compat__iter_kind(const struct iov_iter *iter)
{
	if (bpf_core_field_exists(iter->iter_type)) {
		u8 kind = BPF_CORE_READ(iter, iter_type);

		if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
		    kind == bpf_core_enum_value(enum iter_type, ITER_UBUF))
			return COMPAT_ITER_UBUF;
		return kind == bpf_core_enum_value(enum iter_type, ITER_IOVEC) ? COMPAT_ITER_IOVEC
									       : COMPAT_ITER_OTHER;
	}
	/* ITER_IOVEC is 4; bit 0 is the direction. */
	u32 type = BPF_CORE_READ((const struct iov_iter___type *)iter, type);

	return (type & ~1u) == 4 ? COMPAT_ITER_IOVEC : COMPAT_ITER_OTHER;
}

static __always_inline const struct iovec *compat__iter_iov(const struct iov_iter *iter)
{
	if (bpf_core_field_exists(iter->__iov))
		return BPF_CORE_READ(iter, __iov);
	return BPF_CORE_READ((const struct iov_iter___iov *)iter, iov);
}

#endif
