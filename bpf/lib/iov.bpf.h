/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 2. Where the bytes of a send or receive are: one buffer, or a vector. */
#ifndef WEFT_IOV_BPF_H
#define WEFT_IOV_BPF_H

#include "bpf/abi/weft_calls.h"
#include "bpf/lib/task.bpf.h"

/* A call's segments are read in up to IOV_ROUNDS rounds of IOV_ROUND: together as many as a call
 * may have (UIO_MAXIOV). A round is a global function, which is verified once; a loop is
 * followed iteration by iteration. */
#define IOV_ROUND 32
#define IOV_ROUNDS 32

/* The rest of the current segment; *len is 0 for an empty or finished one, which is skipped.
 * False: there is no segment. */
static __always_inline bool iov__next(struct iov *iov, u64 *base, u64 *len)
{
	struct iovec v = {};
	long err;

	if (iov->kind == IOV_NONE)
		return false;
	if (iov->kind == IOV_BUFFER) {
		*base = iov->base + iov->skip;
		*len = ~0ull; /* the caller knows the end */
		return true;
	}
	if (!iov->segments)
		return false;
	if (iov->kind == IOV_KERNEL_VECTOR)
		err = bpf_probe_read_kernel(&v, sizeof(v), (void *)iov->base);
	else
		err = bpf_probe_read_user(&v, sizeof(v), (void *)iov->base);
	if (err) {
		stat__add(WEFT_STAT_FAULT, 1);
		return false;
	}
	if (iov->skip >= v.iov_len) {
		iov->skip -= v.iov_len;
		iov->base += sizeof(v);
		iov->segments--;
		*len = 0;
		return true;
	}
	*base = (u64)v.iov_base + iov->skip;
	*len = v.iov_len - iov->skip;
	return true;
}

/* Skips the first n bytes of what iov__next returned. */
static __always_inline void iov__pass(struct iov *iov, u64 n, u64 len)
{
	if (n < len) {
		iov->skip += n;
		return;
	}
	iov->skip = 0;
	iov->base += sizeof(struct iovec);
	iov->segments--;
}

/* From the iterator of a send that has not begun; returns the number of bytes to send. Kernel
 * pages (sendfile, splice, a kernel sender) give IOV_NONE. */
static __always_inline u64 iov__from_iter(struct iov *iov, const struct compat_iter_copy *iter)
{
	enum compat_iter kind = compat__iter_kind(iter);

	iov->skip = COMPAT_ITER_FIELD(iter, struct iov_iter, u64, iov_offset);
	if (kind == COMPAT_ITER_UBUF) {
		iov->kind = IOV_BUFFER;
		iov->base = COMPAT_ITER_FIELD(iter, struct iov_iter, u64, ubuf);
	} else if (kind == COMPAT_ITER_IOVEC) {
		iov->kind = IOV_KERNEL_VECTOR;
		iov->base = compat__iter_iov(iter);
		iov->segments = COMPAT_ITER_FIELD(iter, struct iov_iter, u64, nr_segs);
	}
	return COMPAT_ITER_FIELD(iter, struct iov_iter, u64, count);
}

/* NR_call of every observed system call. */
#define IOV_NUMBER(call, number) NR_##call = number,
#define IOV_FILE_NUMBER(program, call, number, enter, leave, optional) NR_##call = number,
enum {
	WEFT_SOCKET_CALLS(IOV_NUMBER) WEFT_OTHER_CALLS(IOV_NUMBER) WEFT_FILE_CALLS(IOV_FILE_NUMBER)
};

static __always_inline void iov__from_msghdr(struct iov *iov, u64 msghdr)
{
	struct {
		u64 name, namelen, vector, segments; /* struct user_msghdr up to msg_iovlen */
	} m;

	if (bpf_probe_read_user(&m, sizeof(m), (void *)msghdr)) {
		stat__add(WEFT_STAT_FAULT, 1);
		return;
	}
	iov->kind = IOV_USER_VECTOR;
	iov->base = m.vector;
	iov->segments = m.segments;
}

/* From the system call's arguments, after its work is done. With several messages in a *mmsg
 * call the current one is not known: its bytes are counted, not copied. */
static __always_inline void iov__from_regs(struct iov *iov, const struct pt_regs *regs)
{
	switch (regs->orig_ax) {
	case NR_recvfrom:
		iov->recv_flags = regs->r10;
		/* fall through */
	case NR_read:
	case NR_write:
	case NR_sendto:
		iov->kind = IOV_BUFFER;
		iov->base = regs->si;
		return;
	case NR_readv:
	case NR_writev:
	case NR_preadv2:
	case NR_pwritev2:
		iov->kind = IOV_USER_VECTOR;
		iov->base = regs->si;
		iov->segments = regs->dx;
		return;
	case NR_recvmsg:
		iov->recv_flags = regs->dx;
		/* fall through */
	case NR_sendmsg:
		iov__from_msghdr(iov, regs->si);
		return;
	case NR_recvmmsg:
		iov->recv_flags = regs->r10;
		/* fall through */
	case NR_sendmmsg:
		if ((u32)regs->dx == 1)
			iov__from_msghdr(iov, regs->si);
		else
			stat__add(WEFT_STAT_UNSEEN_OTHER, 1);
		return;
	case NR_sendfile:
	case NR_splice:
		stat__add(WEFT_STAT_UNSEEN_SPLICE, 1);
		return;
	case NR_io_uring_enter:
		stat__add(WEFT_STAT_UNSEEN_URING, 1);
		return;
	default:
		stat__add(WEFT_STAT_UNSEEN_OTHER, 1);
	}
}

/* The MSG_* flags of a receive. */
static __always_inline u32 iov__recv_flags(const struct pt_regs *regs)
{
	switch (regs->orig_ax) {
	case NR_recvfrom:
	case NR_recvmmsg:
		return regs->r10;
	case NR_recvmsg:
		return regs->dx;
	default:
		return 0;
	}
}

#ifdef WEFT_TYPED
static __always_inline int iov__from_task(struct iov *iov)
{
	const struct pt_regs *regs =
	    (const struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	if (regs->cs)
		iov__from_regs(iov, regs);
	else
		stat__add(WEFT_STAT_UNSEEN_OTHER, 1);
	return 0;
}
#else
__subprogram int iov__from_task(struct iov *iov)
{
	struct pt_regs regs;

	if (compat__user_regs(&regs))
		iov__from_regs(iov, &regs);
	else
		stat__add(WEFT_STAT_UNSEEN_OTHER, 1);
	return 0;
}
#endif

#endif
