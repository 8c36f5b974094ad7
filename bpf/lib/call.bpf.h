/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 6. System calls on files, the same for every hook type: hooks call
 *     call__enter   before, with the saved registers and the call's number
 *     call__leave   after, with the result too */
#ifndef WEFT_CALL_BPF_H
#define WEFT_CALL_BPF_H

#include "bpf/lib/entry.bpf.h"

static __always_inline void call__begin(u32 nr, u64 file, u32 use)
{
	struct thread *t = thread__traced();
	struct thread_call *within = t ? thread__call(t) : NULL;

	if (!t)
		return;
	t->file.start = bpf_ktime_get_ns();
	t->file.file = file;
	t->file.nr = nr;
	t->file.use = use;
	t->file.flags = within && thread__slept(within) ? WEFT_IO_SLEPT : 0;
}

static __always_inline void call__work_begins(u32 nr, u32 fd)
{
	struct file_state *state = file__wanted(task__file(fd), fd);

	if (state)
		call__begin(nr, state->id, state->use);
}

static __always_inline void call__enter(const struct pt_regs *regs, u32 nr)
{
	u64 flags;

	switch (nr) {
	case NR_write:
	case NR_pwrite64:
	case NR_writev:
	case NR_pwritev:
	case NR_pwritev2:
	case NR_fsync:
	case NR_fdatasync:
		call__work_begins(nr, regs->di);
		return;
	case NR_sync_file_range: /* without this flag it does not wait for the disk */
		if (regs->r10 & SYNC_FILE_RANGE_WAIT_AFTER)
			call__work_begins(nr, regs->di);
		return;
	case NR_close:
		if (weft_entries)
			entry__closing(regs->di);
		return;
	case NR_open:
	case NR_openat:
		flags = nr == NR_open ? regs->si : regs->dx;
		if (flags & O_CREAT)
			call__begin(nr, 0, 0);
		return;
	default:
		return;
	}
}

static __always_inline u8 call__op(u32 nr)
{
	switch (nr) {
	case NR_fsync:
		return WEFT_FILE_FSYNC;
	case NR_fdatasync:
		return WEFT_FILE_FDATASYNC;
	case NR_sync_file_range:
		return WEFT_FILE_SYNC_RANGE;
	default:
		return WEFT_FILE_WRITE;
	}
}

/* A write's bytes; of a vector, the first segment only. */
static __always_inline void call__bytes(const struct pt_regs *regs, u32 nr, struct file_io *io)
{
	struct iovec v = {};

	io->take = io->result < WEFT_ENTRY_MAX ? io->result : WEFT_ENTRY_MAX;
	io->base = regs->si;
	if (nr == NR_write || nr == NR_pwrite64)
		return;
	bpf_probe_read_user(&v, sizeof(v), (void *)regs->si);
	if (io->take > v.iov_len)
		io->take = v.iov_len;
	io->base = (u64)v.iov_base;
}

static __always_inline void call__end(const struct pt_regs *regs, u32 ended, long ret)
{
	struct thread *t = thread__find();
	struct file_io io = {.result = ret, .fd = regs->di};
	u32 nr;

	if (!t || !t->file.nr)
		return;
	io.start = t->file.start;
	io.file = t->file.file;
	io.flags = t->file.flags;
	nr = t->file.nr;
	t->file.nr = 0;
	if (nr != ended)
		return;
	if (nr == NR_open || nr == NR_openat) {
		entry__opened(&io);
		return;
	}
	io.op = call__op(nr);
	if (t->file.use == WEFT_FILE_ENTRY && io.op == WEFT_FILE_WRITE)
		call__bytes(regs, nr, &io);
	io.within = file__count_io(t);
	file__report(&io);
}

static __always_inline void call__leave(const struct pt_regs *regs, u32 nr, long ret)
{
	switch (nr) {
	case NR_write:
	case NR_pwrite64:
	case NR_writev:
	case NR_pwritev:
	case NR_pwritev2:
	case NR_fsync:
	case NR_fdatasync:
	case NR_sync_file_range:
	case NR_open:
	case NR_openat:
		call__end(regs, nr, ret);
		return;
	case NR_rename:
		if (weft_entries && !ret)
			entry__renamed(regs->di, regs->si);
		return;
	case NR_renameat:
	case NR_renameat2:
		if (weft_entries && !ret)
			entry__renamed(regs->si, regs->r10);
		return;
	default:
		return;
	}
}

#endif
