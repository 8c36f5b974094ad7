/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 5. Reports open, close and rename of logs with one file per entry. */
#ifndef WEFT_ENTRY_BPF_H
#define WEFT_ENTRY_BPF_H

#include "bpf/lib/file.bpf.h"

static __always_inline void entry__closing(u32 fd)
{
	struct file_state *state = file__wanted(task__file(fd), fd);
	struct file_io io = {.op = WEFT_FILE_CLOSE, .fd = fd};

	if (!state || state->use != WEFT_FILE_ENTRY || task__denied(task__pid()))
		return;
	io.file = state->id;
	io.start = bpf_ktime_get_ns();
	file__emit(&io);
}

static __always_inline void entry__opened(struct file_io *io)
{
	struct file_state *state;

	if (io->result < 0)
		return;
	io->fd = io->result;
	state = file__wanted(task__file(io->fd), io->fd);
	if (!state || state->use != WEFT_FILE_ENTRY || task__denied(task__pid()))
		return;
	weft_entries = 1;
	io->file = state->id;
	io->op = WEFT_FILE_OPEN;
	file__emit(io);
}

static __always_inline void entry__renamed(u64 from, u64 to)
{
	struct weft_ev_rename *e;

	if (task__denied(task__pid()))
		return;
	e = emit__reserve(sizeof(*e));
	if (!e)
		return;
	emit__head(&e->h, WEFT_EV_RENAME, sizeof(*e), bpf_ktime_get_ns());
	if (bpf_probe_read_user_str(e->from, sizeof(e->from), (void *)from) < 0)
		e->from[0] = 0;
	if (bpf_probe_read_user_str(e->to, sizeof(e->to), (void *)to) < 0)
		e->to[0] = 0;
	emit__submit(e);
}

#endif
