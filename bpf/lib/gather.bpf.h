/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. Copies bytes of a call, across its segments, into its cursor. */
#ifndef WEFT_GATHER_BPF_H
#define WEFT_GATHER_BPF_H

#include "bpf/lib/iov.bpf.h"

static __always_inline struct cursor *cursor__at(u32 place)
{
	return bpf_map_lookup_elem(&cursors, &place);
}

/* Copies from the current segment, towards `want` bytes. 0: there are no more bytes, or they
 * cannot be read. */
__weak int gather__step(u32 place)
{
	struct cursor *cur = cursor__at(place);
	u64 base, len, have, n;

	if (!cur || cur->have >= cur->want || !iov__next(&cur->iov, &base, &len))
		return 0;
	if (!len)
		return 1;
	have = cur->have;
	n = cur->want - have;
	if (n > len)
		n = len;
	compat__at_most(n, GATHER_PIECE);
	compat__at_most(have, GATHER_MAX);
	if (bpf_probe_read_user(cur->bytes + have, n, (void *)base)) {
		if (!cur->head_only) /* else reported after the call */
			stat__add(WEFT_STAT_FAULT, 1);
		return 0;
	}
	cur->have = have + n;
	iov__pass(&cur->iov, n, len);
	return 1;
}

/* Skips the current segment if it is empty. 0: it is not, or there is none. */
__weak int gather__empty(u32 place)
{
	struct cursor *cur = cursor__at(place);
	u64 base, len;

	return cur && iov__next(&cur->iov, &base, &len) && !len;
}

__weak int gather__round(u32 place)
{
	for (u32 i = 0; i < IOV_ROUND; i++)
		if (!gather__step(place))
			return 0;
	return 1;
}

/* Gathers until `want` bytes are there, the present ones included. */
__weak int gather__up_to(u32 place, u32 want)
{
	struct cursor *cur = cursor__at(place);

	if (!cur)
		return 0;
	cur->want = want;
	for (u32 i = 0; i < IOV_ROUNDS; i++)
		if (!gather__round(place))
			break;
	return 0;
}

/* Gathers the next `want` bytes and leaves the cursor where it is; returns how many there are. */
static __always_inline u32 gather__peek(struct cursor *cur, u32 place, u32 want)
{
	struct iov start = cur->iov;

	cur->have = 0;
	gather__up_to(place, want);
	cur->iov = start;
	return cur->have;
}

#endif
