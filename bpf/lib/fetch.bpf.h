/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 1. Arguments and result of a probed function, and what they point to. */
#ifndef WEFT_FETCH_BPF_H
#define WEFT_FETCH_BPF_H

#include "bpf/abi/weft_probe.h"
#include "bpf/lib/compat.bpf.h"

/* A copy, because the verifier requires constant offsets into the context. */
struct fetch_regs {
	u64 argument[8]; /* six; eight so that any index of three bits is within bounds */
	u64 code;
	u64 result;
	u64 sp;
};

static __always_inline void fetch__copy(struct fetch_regs *out, const struct pt_regs *regs)
{
	out->argument[0] = regs->di;
	out->argument[1] = regs->si;
	out->argument[2] = regs->dx;
	out->argument[3] = regs->cx;
	out->argument[4] = regs->r8;
	out->argument[5] = regs->r9;
	out->argument[6] = out->argument[7] = 0;
	out->code = regs->ip;
	out->result = regs->ax;
	out->sp = regs->sp;
}

static __always_inline u64 fetch__argument(const struct fetch_regs *regs, u32 i)
{
	return regs->argument[i & 7];
}

struct fetch_words {
	u64 word[3];
};

/* Global functions are verified once, by themselves, and their results are unknown numbers to
 * the verifier, which otherwise would walk eight values in 2^8 ways. Their pointer arguments
 * need 5.13; probes need 5.15 anyway (cookies). */

#define FETCH_NULL -1
#define FETCH_FAULT -2

/* What is read at the return: regs->code is that of the entry there, too. */
static __always_inline bool fetch__is_late(const struct weft_fetch *f)
{
	return f->from == WEFT_FETCH_RETURN || f->late;
}

/* Finds the address (or value) that f describes. 1: found; 0: not due now (results and late
 * values are due at the return, all else at the entry); FETCH_NULL: a pointer on the way is null;
 * FETCH_FAULT: it is unreadable. */
__weak int fetch__address(const struct fetch_regs *regs, const struct weft_fetch *f, u64 *out,
			  u32 returned)
{
	u64 v = 0;

	if (!regs || !f || !out || f->from == WEFT_FETCH_NONE || fetch__is_late(f) != returned)
		return 0;
	if (f->from == WEFT_FETCH_ARG)
		v = fetch__argument(regs, f->index);
	else if (f->from == WEFT_FETCH_CODE)
		v = regs->code;
	else
		v = regs->result;
	v += f->add[0];
	for (u32 i = 0; i < WEFT_FETCH_STEPS && i < f->steps; i++) {
		if (bpf_probe_read_user(&v, sizeof(v), (void *)v))
			return FETCH_FAULT;
		if (!v)
			return FETCH_NULL;
		v += f->add[i + 1];
	}
	*out = v;
	return 1;
}

/* Copies from user memory go through the stack: the kernel checks the destination of each, and
 * has to search for what a map's memory is. */

/* Reads the value. 1: it is due and cannot be read; *out is 0. What is not due stays unchanged. */
__weak int fetch__value(const struct fetch_regs *regs, const struct weft_fetch *f, u64 *out,
			u32 returned)
{
	u64 v = 0, word = 0;
	long err;
	int due;

	if (!regs || !f || !out)
		return 0;
	due = fetch__address(regs, f, &v, returned);
	if (!due)
		return 0;
	*out = 0;
	if (due < 0)
		return 1;
	switch (f->size) {
	case 0:
		*out = v;
		return 0;
	case 1:
		err = bpf_probe_read_user(&word, 1, (void *)v);
		break;
	case 2:
		err = bpf_probe_read_user(&word, 2, (void *)v);
		break;
	case 4:
		err = bpf_probe_read_user(&word, 4, (void *)v);
		break;
	default:
		err = bpf_probe_read_user(&word, 8, (void *)v);
	}
	*out = word;
	return err != 0;
}

/* The same of three values beside one another (f->three): one copy, as most of its cost is not
 * the bytes. */
__weak int fetch__three(const struct fetch_regs *regs, const struct weft_fetch *f,
			struct fetch_words *out, u32 returned)
{
	struct fetch_words words = {};
	u64 v = 0;
	long err;
	int due;

	if (!regs || !f || !out)
		return 0;
	due = fetch__address(regs, f, &v, returned);
	if (!due)
		return 0;
	err = due < 0 ? due : bpf_probe_read_user(&words, sizeof(words), (void *)v);
	*out = words;
	return err != 0;
}

#endif
