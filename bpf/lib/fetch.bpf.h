/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 1. What a probed function was given or returns, and where that points. */
#ifndef WEFT_FETCH_BPF_H
#define WEFT_FETCH_BPF_H

#include "bpf/abi/weft_site.h"
#include "bpf/lib/compat.bpf.h"

/* Copied, for the verifier wants constant offsets into the context. */
struct fetch_regs {
	u64 argument[6];
	u64 code;
	u64 result;
};

static __always_inline void fetch__copy(struct fetch_regs *out, const struct pt_regs *regs)
{
	out->argument[0] = regs->di;
	out->argument[1] = regs->si;
	out->argument[2] = regs->dx;
	out->argument[3] = regs->cx;
	out->argument[4] = regs->r8;
	out->argument[5] = regs->r9;
	out->code = regs->ip;
	out->result = regs->ax;
}

static __always_inline u64 fetch__argument(const struct fetch_regs *regs, u32 i)
{
	return i < 6 ? regs->argument[i] : 0;
}

/* Follows the pointers; false: unreadable. */
static __always_inline bool fetch__address(const struct fetch_regs *regs,
					   const struct weft_fetch *f, u64 *out)
{
	u64 v = 0;

	if (f->from == WEFT_FETCH_ARG)
		v = fetch__argument(regs, f->index);
	else if (f->from == WEFT_FETCH_CODE)
		v = regs->code;
	else if (f->from == WEFT_FETCH_RETURN)
		v = regs->result;
	v += f->add[0];
	for (u32 i = 0; i < WEFT_FETCH_STEPS && i < f->steps; i++) {
		if (bpf_probe_read_user(&v, sizeof(v), (void *)v) || !v)
			return false;
		v += f->add[i + 1];
	}
	*out = v;
	return true;
}

__subprogram int fetch__value(const struct fetch_regs *regs, const struct weft_fetch *f, u64 *out)
{
	u64 v;

	*out = 0;
	if (!fetch__address(regs, f, &v))
		return -1;
	if (!f->size) {
		*out = v;
		return 0;
	}
	switch (f->size) {
	case 1:
		return bpf_probe_read_user(out, 1, (void *)v);
	case 2:
		return bpf_probe_read_user(out, 2, (void *)v);
	case 4:
		return bpf_probe_read_user(out, 4, (void *)v);
	default:
		return bpf_probe_read_user(out, 8, (void *)v);
	}
}

#endif
