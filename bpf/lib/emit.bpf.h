/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. The only code that writes records. It reserves space and copies straight into the
 * ring, without a scratch buffer, because programs may preempt each other. */
#ifndef WEFT_EMIT_BPF_H
#define WEFT_EMIT_BPF_H

#include "bpf/lib/conn.bpf.h"
#include "bpf/lib/iov.bpf.h"

static __always_inline void *emit__ring(void)
{
	u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&rings, &cpu);
}

/* Room for a record in this CPU's ring; NULL: the ring is full, which is counted. The size must be
 * a constant: the verifier accepts no other. */
static __always_inline void *emit__reserve(u64 size)
{
	void *ring = emit__ring();
	void *record = ring ? bpf_ringbuf_reserve(ring, size, 0) : NULL;

	if (!record)
		stat__add(WEFT_STAT_DROP_RING, 1);
	return record;
}

/* Flags of a record's submission. */
static __always_inline u64 emit__wake(void)
{
	if (weft_wake == WEFT_WAKE_NONE)
		return BPF_RB_NO_WAKEUP;
	weft_wake = WEFT_WAKE_NONE;
	return BPF_RB_FORCE_WAKEUP;
}

__weak int emit__many(void)
{
	void *ring = emit__ring();

	return ring && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > WEFT_WAKE_BYTES;
}

/* The same of a record that only tells what happened. A wake-up amid the application's call may
 * cost it its CPU. */
static __always_inline u64 emit__wake_to_tell(void)
{
	if (weft_wake == WEFT_WAKE_ASKED && !emit__many())
		return BPF_RB_NO_WAKEUP;
	return emit__wake();
}

static __always_inline void emit__submit(void *record)
{
	bpf_ringbuf_submit(record, emit__wake_to_tell());
}

/* The record may ask for a decision. */
static __always_inline void emit__submit_asking(void *record)
{
	bpf_ringbuf_submit(record, emit__wake());
}

static __always_inline void emit__head(struct weft_event *h, u16 type, u32 size, u64 now)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();

	h->type = type;
	h->cpu = bpf_get_smp_processor_id();
	h->size = size;
	h->time = now;
	h->pid = pid_tgid >> 32;
	h->tid = (u32)pid_tgid;
}

static __always_inline void emit__addresses(struct weft_ev_open *e, const struct sock *sk)
{
	if (e->family == AF_UNIX) {
		struct sock *peer = BPF_CORE_READ((const struct unix_sock *)sk, peer);

		e->peer_inode = peer ? conn__inode(peer) : 0;
		return;
	}
	e->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	e->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (e->family == AF_INET) {
		BPF_CORE_READ_INTO((u32 *)e->local, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((u32 *)e->remote, sk, __sk_common.skc_daddr);
	} else {
		BPF_CORE_READ_INTO((struct in6_addr *)e->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_addr *)e->remote, sk, __sk_common.skc_v6_daddr);
	}
}

/* l: the connection's own layer, or one above it. look: NULL, or holds the preamble with which the
 * layer began. */
static __always_inline bool emit__open(const struct layer *l, const struct conn *c,
				       const struct sock *sk, u64 now, const struct look *look)
{
	struct {
		struct weft_ev_open head;
		u8 preamble[LOOK_PREAMBLE];
	} * r;
	struct weft_ev_open *e;
	u8 preamble = look ? look->preamble_len : 0;

	r = emit__reserve(sizeof(*r));
	if (!r)
		return false;
	e = &r->head;
	__builtin_memset(e, 0, sizeof(*e));
	emit__head(&e->h, WEFT_EV_OPEN, sizeof(*e) + preamble, now);
	if (look)
		__builtin_memcpy(r->preamble, look->preamble, LOOK_PREAMBLE);
	e->preamble_len = preamble;
	e->conn = l->id;
	e->sock = (u64)sk;
	e->first_seen = c->first_seen;
	e->inode = c->inode;
	e->transport = l == &c->wire ? 0 : c->wire.id;
	e->family = c->family;
	e->role = l->role;
	e->protocol = l->protocol;
	e->late = !!(l->flags & LAYER_LATE);
	emit__addresses(e, sk);
	emit__submit_asking(r);
	return true;
}

static __always_inline void emit__close(struct conn *c, u8 how, u64 rx_end, u32 error)
{
	struct weft_ev_close *e = emit__reserve(sizeof(*e));

	if (!e)
		return;
	__builtin_memset(e, 0, sizeof(*e));
	emit__head(&e->h, WEFT_EV_CLOSE, sizeof(*e), bpf_ktime_get_ns());
	e->h.pid = 0; /* may run in interrupt context, where the current task is arbitrary */
	e->h.tid = 0;
	e->conn = c->wire.id;
	if (!(c->wire.flags & LAYER_LEFT_OUT)) {
		e->rx_end = rx_end;
		e->rx_pos = c->wire.flags & LAYER_REPORTED << WEFT_DIR_RX ? c->wire.rx_pos : 0;
		e->tx_pos = c->wire.flags & LAYER_REPORTED << WEFT_DIR_TX ? c->wire.tx_pos : 0;
	}
	e->error = error;
	e->how = how;
	emit__submit(e);
}

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

/* bpf_ringbuf_reserve takes constant sizes only (run-time sizes need dynptr, 6.1), hence size
 * classes; the unused end of a record costs ring space, not time. */
#define EMIT_CLASS(SIZE)                                                                           \
	__subprogram int emit__data_##SIZE(const struct emit_data *d, u64 base, u64 n)             \
	{                                                                                          \
		struct {                                                                           \
			struct weft_ev_data head;                                                  \
			u8 bytes[SIZE];                                                            \
		} * r;                                                                             \
                                                                                                   \
		r = emit__reserve(sizeof(*r));                                                     \
		if (!r)                                                                            \
			return 0;                                                                  \
		compat__at_most(n, SIZE);                                                          \
		if (n && bpf_probe_read_user(r->bytes, n, (void *)base)) {                         \
			stat__add(WEFT_STAT_FAULT, 1);                                             \
			n = 0;                                                                     \
		}                                                                                  \
		emit__fill(&r->head, d, n);                                                        \
		emit__submit(&r->head);                                                            \
		return n;                                                                          \
	}

EMIT_CLASS(128)
EMIT_CLASS(256)
EMIT_CLASS(1024)
EMIT_CLASS(4096)
EMIT_CLASS(16384)

/* A record that only counts bytes and carries none. */
__subprogram int emit__count(const struct emit_data *d)
{
	struct weft_ev_data *e = emit__reserve(sizeof(*e));

	if (!e)
		return 0;
	emit__fill(e, d, 0);
	emit__submit(e);
	return 0;
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
	void *ring = emit__ring();
	u64 n = cur->have;

	compat__at_most(n, GATHER_MAX);
	emit__fill(&cur->record, d, n);
	if (!ring ||
	    bpf_ringbuf_output(ring, &cur->record, sizeof(cur->record) + n, emit__wake_to_tell()))
		stat__add(WEFT_STAT_DROP_RING, 1);
}

/* More than a quarter of this CPU's ring is unread. */
__weak int emit__behind(void)
{
	void *ring = emit__ring();

	return ring && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >
			   bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / 4;
}

/* One segment with its first n bytes. */
static __always_inline void emit__data(const struct emit_data *d, u64 base, u32 n)
{
	if (!n)
		emit__count(d);
	else if (n <= 128)
		emit__data_128(d, base, n);
	else if (n <= 256)
		emit__data_256(d, base, n);
	else if (n <= 1024)
		emit__data_1024(d, base, n);
	else if (n <= 4096)
		emit__data_4096(d, base, n);
	else
		emit__data_16384(d, base, n);
}

#endif
