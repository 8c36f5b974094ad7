/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. The only code that writes records. It reserves space and copies straight into the
 * ring, without a scratch buffer, because programs may preempt each other. */
#ifndef WEFT_EMIT_BPF_H
#define WEFT_EMIT_BPF_H

#include "bpf/lib/conn.bpf.h"
#include "bpf/lib/iov.bpf.h"
#include "bpf/lib/lane.bpf.h"

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

static __always_inline bool emit__is_many(void *ring)
{
	return ring &&
	       bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) + lane__unread() > WEFT_WAKE_BYTES;
}

__weak int emit__many(void)
{
	return emit__is_many(emit__ring());
}

/* The same of a record that only tells what happened. A wake-up amid the application's call may
 * cost it its CPU. */
static __always_inline u64 emit__wake_to_tell(void)
{
	if (weft_wake == WEFT_WAKE_ASKED && !emit__many())
		return BPF_RB_NO_WAKEUP;
	return emit__wake();
}

/* After a record in a lane, of which the reader hears nothing: an empty record in the ring wakes
 * it. */
__weak int emit__ring_bell(void)
{
	void *ring = emit__ring(), *nothing;

	if (!ring || (weft_wake == WEFT_WAKE_ASKED && !emit__is_many(ring)))
		return 0;
	nothing = bpf_ringbuf_reserve(ring, 8, 0);
	if (nothing)
		bpf_ringbuf_discard(nothing, emit__wake());
	return 0;
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
	e->rx_end = c->wire.flags & LAYER_LEFT_OUT ? 0 : rx_end;
	e->rx_pos = c->wire.flags & LAYER_REPORTED << WEFT_DIR_RX ? c->wire.rx_pos : 0;
	e->tx_pos = c->wire.flags & LAYER_REPORTED << WEFT_DIR_TX ? c->wire.tx_pos : 0;
	e->error = error;
	e->how = how;
	emit__submit(e);
}

/* More than a quarter of this CPU's lane or ring is unread. */
__weak int emit__behind(void)
{
	void *ring = emit__ring();

	if (lane__unread() > cfg_lane_bytes / 4)
		return true;
	return ring && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >
			   bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / 4;
}

#endif
