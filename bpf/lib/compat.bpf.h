/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 0. Differences between kernels, each with the commit that introduced it. */
#ifndef WEFT_COMPAT_BPF_H
#define WEFT_COMPAT_BPF_H

#include "bpf/lib/types.bpf.h"

/* WEFT_TYPED: defined by a program file before it includes this. Its programs have typed
 * arguments and run on kernels (6.3) that let them load through these pointers directly;
 * other programs call a helper, 20 ns each time. */

#ifndef __TARGET_ARCH_x86
#error "user registers are read for x86-64 only; add the architecture's layout and syscall numbers"
#endif

/* A function with a stack frame of its own, for code that needs much stack: up to 6.12 all
 * frames on a call path, each rounded up to 32 bytes, share 512 bytes. */
#define __subprogram static __noinline __attribute__((unused))

/* The registers with which the current task entered the kernel. bpf_task_pt_regs exists
 * since 5.15 (dd6e10fbd9fb); before, they are at the top of the kernel stack (16 KiB on
 * x86-64 without KASAN, no padding until FRED in 6.9). */
static __always_inline const char *compat__user_regs_at(void)
{
	struct task_struct *task;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (const char *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (struct task_struct *)bpf_get_current_task();
	return (const char *)BPF_CORE_READ(task, stack) + 16384 - sizeof(struct pt_regs);
}

/* False for kernel threads and io_uring workers, which never entered: their saved registers are
 * zero. */
static __always_inline bool compat__user_regs(struct pt_regs *out)
{
	return bpf_probe_read_kernel(out, sizeof(*out), compat__user_regs_at()) == 0 &&
	       out->cs != 0;
}

/* value = min(value, max), in one register. The compiler may test one copy of a value and
 * use another, and verifiers up to 6.6 do not see that 32-bit copies are equal. */
#define compat__at_most(value, max)                                                                \
	asm volatile("if %[v] <= %[m] goto +1\n\t%[v] = %[m]" : [v] "+r"(value) : [m] "i"(max))

enum compat_iter { COMPAT_ITER_OTHER, COMPAT_ITER_UBUF, COMPAT_ITER_IOVEC };

/* A copy of an iov_iter, made with one read: each read of kernel memory is a helper call. */
struct compat_iter_copy {
	u8 bytes[64]; /* struct iov_iter is 40 bytes on every kernel so far */
};

#define COMPAT_ITER_FIELD(copy, kind, type, field)                                                 \
	(*(type *)((copy)->bytes + bpf_core_field_offset(kind, field)))

static __always_inline bool compat__read_iter(struct compat_iter_copy *copy,
					      const struct iov_iter *iter)
{
	u32 size = bpf_core_type_size(struct iov_iter);

	return size <= sizeof(copy->bytes) && !bpf_probe_read_kernel(copy->bytes, size, iter);
}

/* Kind of an iov_iter. The values of enum iter_type changed several times, so they are
 * relocated; UBUF exists since 6.0 (fcb14cb1bdac). Before 5.14 (8cd54c1c8480) the kind
 * was a bit set named type: ITER_IOVEC is 4, bit 0 is the direction. */
static __always_inline enum compat_iter compat__iter_kind(const struct compat_iter_copy *copy)
{
	u32 kind;

	if (!bpf_core_field_exists(struct iov_iter, iter_type)) {
		kind = COMPAT_ITER_FIELD(copy, struct iov_iter___type, u32, type);
		return (kind & ~1u) == 4 ? COMPAT_ITER_IOVEC : COMPAT_ITER_OTHER;
	}
	kind = COMPAT_ITER_FIELD(copy, struct iov_iter, u8, iter_type);
	if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
	    kind == bpf_core_enum_value(enum iter_type, ITER_UBUF))
		return COMPAT_ITER_UBUF;
	return kind == bpf_core_enum_value(enum iter_type, ITER_IOVEC) ? COMPAT_ITER_IOVEC
								       : COMPAT_ITER_OTHER;
}

/* Before 6.4 (747b1f65d39a) the pointer was named iov. */
static __always_inline u64 compat__iter_iov(const struct compat_iter_copy *copy)
{
	if (bpf_core_field_exists(struct iov_iter, __iov))
		return COMPAT_ITER_FIELD(copy, struct iov_iter, u64, __iov);
	return COMPAT_ITER_FIELD(copy, struct iov_iter___iov, u64, iov);
}

#endif
