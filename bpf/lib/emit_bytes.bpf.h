/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. The records of bytes that moved: in the CPU's lane, or in its ring where that is not to
 * be had. */
#ifndef WEFT_EMIT_BYTES_BPF_H
#define WEFT_EMIT_BYTES_BPF_H

#include "bpf/lib/emit.bpf.h"

static __always_inline void emit__fill(struct weft_ev_data *e, const struct emit_data *d,
				       u32 captured)
{
	emit__head(&e->h, WEFT_EV_DATA, sizeof(*e) + captured, d->now);
	e->conn = d->conn;
	e->exchange_id = d->exchange_id;
	e->current_exchange = d->current_exchange;
	e->task = d->task;
	e->pos = d->pos;
	e->len = d->len;
	e->captured = captured;
	e->dir = d->dir;
	e->flags = d->flags;
	e->threshold = d->threshold;
	e->age = d->age;
}

enum emit_result {
	EMIT_ELSEWHERE, /* the lane is not to be had */
	EMIT_DONE,
	EMIT_UNREADABLE, /* no record was made; for emit_data.again only */
};

/* A record with n bytes, of user or of kernel memory. */
__subprogram enum emit_result emit__in_lane(const struct emit_data *d, u64 from, u64 n, u64 kernel)
{
	struct weft_lane *lane = lane__enter();
	struct weft_ev_data *e;

	if (!lane)
		return EMIT_ELSEWHERE;
	compat__at_most(n, WEFT_DATA_MAX);
	e = lane__room(lane, sizeof(*e) + n);
	if (e) {
		if (n && (kernel ? bpf_probe_read_kernel(e + 1, n, (void *)from)
				 : bpf_probe_read_user(e + 1, n, (void *)from))) {
			if (d->again) {
				lane__leave(lane);
				return EMIT_UNREADABLE;
			}
			stat__add(WEFT_STAT_FAULT, 1);
			n = 0;
		}
		emit__fill(e, d, n);
		*(volatile u64 *)&lane->head += (sizeof(*e) + n + 7) & ~7ull;
	} else {
		stat__add(WEFT_STAT_DROP_RING, 1);
	}
	lane__leave(lane);
	if (*(volatile u32 *)&weft_wake)
		emit__ring_bell();
	return EMIT_DONE;
}

/* bpf_ringbuf_reserve takes constant sizes only (run-time sizes need dynptr, 6.1), hence size
 * classes; the unused end of a record costs ring space, not time. */
#define EMIT_CLASS(SIZE)                                                                           \
	__subprogram bool emit__data_##SIZE(const struct emit_data *d, u64 base, u64 n)            \
	{                                                                                          \
		struct {                                                                           \
			struct weft_ev_data head;                                                  \
			u8 bytes[SIZE];                                                            \
		} * r;                                                                             \
                                                                                                   \
		r = emit__reserve(sizeof(*r));                                                     \
		if (!r)                                                                            \
			return true;                                                               \
		compat__at_most(n, SIZE);                                                          \
		if (n && bpf_probe_read_user(r->bytes, n, (void *)base)) {                         \
			if (d->again) {                                                            \
				bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);                          \
				return false;                                                      \
			}                                                                          \
			stat__add(WEFT_STAT_FAULT, 1);                                             \
			n = 0;                                                                     \
		}                                                                                  \
		emit__fill(&r->head, d, n);                                                        \
		emit__submit(&r->head);                                                            \
		return true;                                                                       \
	}

EMIT_CLASS(128)
EMIT_CLASS(256)
EMIT_CLASS(1024)
EMIT_CLASS(4096)
EMIT_CLASS(16384)

__subprogram int emit__count_in_ring(const struct emit_data *d)
{
	struct weft_ev_data *e = emit__reserve(sizeof(*e));

	if (!e)
		return 0;
	emit__fill(e, d, 0);
	emit__submit(e);
	return 0;
}

/* A record that only counts bytes and carries none. */
static __always_inline void emit__count(const struct emit_data *d)
{
	if (!emit__in_lane(d, 0, 0, true))
		emit__count_in_ring(d);
}

/* The bytes of the message that earlier calls moved, before it was classified. */
static __always_inline void emit__kept(struct emit_data *d, const struct look *look)
{
	struct {
		struct weft_ev_data head;
		u8 bytes[WEFT_SNIFF_LEN];
	} * r;

	d->pos = look->pos;
	d->len = look->len;
	d->age = (d->now - look->time) / 1000;
	if (emit__in_lane(d, (u64)look->bytes, look->len, true))
		return;
	r = emit__reserve(sizeof(*r));
	if (!r)
		return;
	emit__fill(&r->head, d, look->len);
	__builtin_memcpy(r->bytes, look->bytes, WEFT_SNIFF_LEN);
	emit__submit(&r->head);
}

/* The bytes gathered in a cursor. */
static __always_inline void emit__gathered(const struct emit_data *d, struct cursor *cur)
{
	u64 n = cur->have;
	void *ring;

	if (emit__in_lane(d, (u64)cur->bytes, n, true))
		return;
	ring = emit__ring();
	compat__at_most(n, GATHER_MAX);
	emit__fill(&cur->record, d, n);
	if (!ring ||
	    bpf_ringbuf_output(ring, &cur->record, sizeof(cur->record) + n, emit__wake_to_tell()))
		stat__add(WEFT_STAT_DROP_RING, 1);
}

static __always_inline bool emit__data_in_ring(const struct emit_data *d, u64 base, u32 n)
{
	if (n <= 128)
		return emit__data_128(d, base, n);
	if (n <= 256)
		return emit__data_256(d, base, n);
	if (n <= 1024)
		return emit__data_1024(d, base, n);
	if (n <= 4096)
		return emit__data_4096(d, base, n);
	return emit__data_16384(d, base, n);
}

/* One segment with its first n bytes. False: they cannot be read; only for emit_data.again. */
static __always_inline bool emit__data(const struct emit_data *d, u64 base, u32 n)
{
	enum emit_result result;

	if (!n) {
		emit__count(d);
		return true;
	}
	result = emit__in_lane(d, base, n, false);
	return result ? result == EMIT_DONE : emit__data_in_ring(d, base, n);
}

#endif
