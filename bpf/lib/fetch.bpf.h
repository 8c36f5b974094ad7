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

/* Global functions are verified once, by themselves, and their results are unknown numbers to
 * the verifier, which otherwise would walk eight values in 2^8 ways. Their pointer arguments
 * need 5.13; probes need 5.15 anyway (cookies). */

#define FETCH_NULL -1
#define FETCH_FAULT -2

/* Finds the address (or value) that f describes. 1: found; 0: not due now (results are due at
 * the return, all else at the entry); FETCH_NULL: a pointer on the way is null; FETCH_FAULT: it is
 * unreadable. */
__weak int fetch__address(const struct fetch_regs *regs, const struct weft_fetch *f, u64 *out,
			  u32 returned)
{
	u64 v = 0;

	if (!regs || !f || !out || f->from == WEFT_FETCH_NONE ||
	    (f->from == WEFT_FETCH_RETURN) != returned)
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

/* Reads the value. 1: it is due and cannot be read; *out is 0. What is not due stays unchanged. */
__weak int fetch__value(const struct fetch_regs *regs, const struct weft_fetch *f, u64 *out,
			u32 returned)
{
	u64 v = 0;
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
		err = bpf_probe_read_user(out, 1, (void *)v);
		break;
	case 2:
		err = bpf_probe_read_user(out, 2, (void *)v);
		break;
	case 4:
		err = bpf_probe_read_user(out, 4, (void *)v);
		break;
	default:
		err = bpf_probe_read_user(out, 8, (void *)v);
	}
	return err != 0;
}

#endif
