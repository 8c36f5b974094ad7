/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. The records of one call: the bytes at its cursor that may be copied, the rest as a
 * count, and the tail of the call where its protocol needs it. */
#ifndef WEFT_REPORT_BPF_H
#define WEFT_REPORT_BPF_H

#include "bpf/lib/emit_bytes.bpf.h"
#include "bpf/lib/gather.bpf.h"

static __always_inline struct emit_data *report__next(struct cursor *cur, u32 len)
{
	struct emit_data *d = &cur->data;

	d->now = cur->now;
	d->conn = cur->conn;
	d->exchange_id = cur->exchange_id;
	d->current_exchange = cur->current_exchange;
	d->task = cur->task;
	d->pos = cur->pos;
	d->len = len;
	d->age = cur->age;
	d->dir = cur->dir;
	d->flags = cur->flags;
	d->threshold = cur->threshold;
	d->again = cur->again;
	return d;
}

static __always_inline void report__reported(struct cursor *cur, u32 len)
{
	cur->pos += len;
	cur->flags &= ~(WEFT_DATA_DIR_CHANGE | WEFT_DATA_RESUMED);
}

/* Bytes that a record counts in addition to those it carries: once no more may be copied, all
 * that is left except the tail. */
static __always_inline u32 report__gap(struct cursor *cur)
{
	u32 gap;

	if (cur->head_only || cur->allowed || cur->left <= cur->tail)
		return 0;
	gap = cur->left - cur->tail;
	cur->left = cur->tail;
	cur->iov.skip += gap;
	return gap;
}

/* The bytes gathered, as one record. */
static __always_inline void report__gathered(struct cursor *cur)
{
	struct emit_data *d;

	if (!cur->have)
		return;
	d = report__next(cur, cur->have + report__gap(cur));
	emit__gathered(d, cur);
	report__reported(cur, d->len);
	cur->have = 0;
}

/* The next n bytes, which are contiguous, straight from user memory. False: they cannot be read,
 * and are reported after the call. */
static __always_inline bool report__piece(struct cursor *cur, u64 base, u32 n, u64 len)
{
	struct emit_data *d;

	iov__pass(&cur->iov, n, len);
	cur->left -= n;
	cur->allowed -= n;
	d = report__next(cur, n + report__gap(cur));
	if (!emit__data(d, base, n)) {
		cur->left += n;
		cur->allowed += n;
		return false;
	}
	report__reported(cur, d->len);
	return true;
}

static __always_inline u32 report__most(const struct cursor *cur, u64 len)
{
	u64 n = cur->left < cur->allowed ? cur->left : cur->allowed;

	if (n > len)
		n = len;
	return n < WEFT_DATA_MAX ? n : WEFT_DATA_MAX;
}

/* report__piece for one of several segments. */
__weak int report__segment(u32 place, u64 base, u32 n, u64 len)
{
	struct cursor *cur = cursor__at(place);

	return cur && report__piece(cur, base, n, len);
}

/* Handles one segment; 0: no more may be copied, or there are none. */
__weak int report__step(u32 place)
{
	struct cursor *cur = cursor__at(place);
	u64 base, len;
	u32 n;

	if (!cur || !cur->left || !cur->allowed || !iov__next(&cur->iov, &base, &len))
		return 0;
	n = report__most(cur, len);
	if (!n)
		return 1;
	if (n <= GATHER_PIECE) {
		if (cur->have + n > GATHER_MAX)
			report__gathered(cur);
		cur->want = cur->have + n;
		if (!gather__step(place))
			return 0;
		cur->left -= n;
		cur->allowed -= n;
		return 1;
	}
	report__gathered(cur);
	return report__segment(place, base, n, len);
}

__weak int report__round(u32 place)
{
	for (u32 i = 0; i < IOV_ROUND; i++)
		if (!report__step(place))
			return 0;
	return 1;
}

/* Gives the tail up if the protocol wants only another one. */
__weak int report__keep_tail(u32 place, u32 protocol)
{
	const volatile struct weft_protocol_knobs *row = &cfg_protocol[protocol & 0xff];
	struct cursor *cur = cursor__at(place);
	u64 base, len, last;

	if (!cur || !row->tail_end_mask || cur->iov.kind != IOV_BUFFER)
		return 0;
	if (!iov__next(&cur->iov, &base, &len) ||
	    bpf_probe_read_user(&last, sizeof(last), (void *)(base + cur->left - sizeof(last))))
		return 0;
	if ((last & row->tail_end_mask) != row->tail_end)
		cur->tail = 0;
	return 0;
}

/* What could not be copied, as a count, and the tail. */
__weak int report__rest(u32 place)
{
	struct cursor *cur = cursor__at(place);
	struct emit_data *d;
	u32 tail;

	if (!cur)
		return 0;
	tail = cur->iov.kind == IOV_NONE ? 0 : cur->tail < cur->left ? cur->tail : cur->left;
	if (cur->allowed && cur->iov.kind != IOV_BUFFER && cur->iov.segments)
		stat__add(WEFT_STAT_SEGMENTS, 1);
	if (cur->left > tail) {
		d = report__next(cur, cur->left - tail);
		d->flags |= WEFT_DATA_NO_PAYLOAD;
		emit__count(d);
		report__reported(cur, d->len);
		cur->iov.skip += d->len;
		cur->left = tail;
	}
	if (!tail)
		return 0;
	gather__up_to(place, tail);
	d = report__next(cur, tail);
	if (cur->have == tail)
		emit__gathered(d, cur);
	else
		emit__count(d);
	report__reported(cur, tail);
	cur->left = 0;
	return 0;
}

/* Reports the call at the cursor; with head_only just the part that is copied. */
__weak int report__call(u32 place)
{
	struct cursor *cur = cursor__at(place);
	u64 base, len;

	if (!cur)
		return 0;
	cur->have = 0;
	if (cur->iov.kind == IOV_BUFFER && iov__next(&cur->iov, &base, &len) && cur->allowed &&
	    !report__piece(cur, base, report__most(cur, len), len))
		return 0;
	for (u32 i = 0; i < IOV_ROUNDS && cur->left && cur->allowed; i++)
		if (!report__round(place))
			break;
	report__gathered(cur);
	if (cur->left && !cur->head_only)
		report__rest(place);
	return 0;
}

#endif
