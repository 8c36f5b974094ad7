/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. The only place that writes records. Reserve-and-copy straight into the ring,
 * no scratch buffer: programs may be preempted by others of their kind. */
#ifndef WEFT_EMIT_BPF_H
#define WEFT_EMIT_BPF_H

#include "bpf/lib/conn.bpf.h"
#include "bpf/lib/iov.bpf.h"

static __always_inline void *emit__ring(void)
{
	u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&rings, &cpu);
}

/* Wake-ups cost more than records: only a reader that sleeps asks for one. */
static __always_inline u64 emit__wake(void)
{
	if (!weft_idle)
		return BPF_RB_NO_WAKEUP;
	weft_idle = 0;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void emit__submit(void *record)
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

static __always_inline bool emit__open(struct conn *c, const struct sock *sk, u64 now)
{
	void *ring = emit__ring();
	struct weft_ev_open *e = ring ? bpf_ringbuf_reserve(ring, sizeof(*e), 0) : NULL;

	if (!e) {
		stat__add(WEFT_STAT_DROP_RING, 1);
		return false;
	}
	__builtin_memset(e, 0, sizeof(*e));
	emit__head(&e->h, WEFT_EV_OPEN, sizeof(*e), now);
	e->conn = c->id;
	e->sock = (u64)sk;
	e->born = c->born;
	e->inode = c->inode;
	e->family = c->family;
	e->role = c->role;
	e->protocol = c->protocol;
	e->late = !!(c->flags & CONN_LATE);
	emit__addresses(e, sk);
	emit__submit(e);
	return true;
}

static __always_inline void emit__close(struct conn *c, u8 how, u64 rx_end, u32 error)
{
	void *ring = emit__ring();
	struct weft_ev_close *e = ring ? bpf_ringbuf_reserve(ring, sizeof(*e), 0) : NULL;

	if (!e) {
		stat__add(WEFT_STAT_DROP_RING, 1);
		return;
	}
	__builtin_memset(e, 0, sizeof(*e));
	emit__head(&e->h, WEFT_EV_CLOSE, sizeof(*e), bpf_ktime_get_ns());
	e->h.pid = 0; /* may run in interrupt context, on behalf of nobody */
	e->h.tid = 0;
	e->conn = c->id;
	e->rx_end = rx_end;
	e->error = error;
	e->how = how;
	emit__submit(e);
}

/* What the records of one call share. */
struct emit_data {
	u64 now;
	u64 conn;
	u64 xid;
	u64 task_xid;
	u64 pos;
	u32 len; /* of the segment */
	u8 dir;
	u8 flags;
};

static __always_inline void emit__fill(struct weft_ev_data *e, const struct emit_data *d,
				       u32 captured)
{
	emit__head(&e->h, WEFT_EV_DATA, sizeof(*e) + captured, d->now);
	e->conn = d->conn;
	e->xid = d->xid;
	e->task_xid = d->task_xid;
	e->pos = d->pos;
	e->len = d->len;
	e->captured = captured;
	e->dir = d->dir;
	e->flags = d->flags;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
}

/* A ring reserves constant sizes only (a run-time size needs dynptr, 6.1), so there are
 * classes; the unused end of one costs ring space, not time. */
#define EMIT_CLASS(SIZE)                                                                           \
	__subprogram int emit__data_##SIZE(const struct emit_data *d, u64 base, u64 n)             \
	{                                                                                          \
		struct {                                                                           \
			struct weft_ev_data head;                                                  \
			u8 bytes[SIZE];                                                            \
		} * r;                                                                             \
		void *ring = emit__ring();                                                         \
                                                                                                   \
		r = ring ? bpf_ringbuf_reserve(ring, sizeof(*r), 0) : NULL;                        \
		if (!r) {                                                                          \
			stat__add(WEFT_STAT_DROP_RING, 1);                                         \
			return 0;                                                                  \
		}                                                                                  \
		compat__at_most(n, SIZE);                                                          \
		if (n && bpf_probe_read_user(r->bytes, n, (void *)base)) {                         \
			stat__add(WEFT_STAT_FAULT, 1);                                             \
			n = 0;                                                                     \
		}                                                                                  \
		emit__fill(&r->head, d, n);                                                        \
		emit__submit(r);                                                                   \
		return n;                                                                          \
	}

EMIT_CLASS(128)
EMIT_CLASS(256)
EMIT_CLASS(1024)
EMIT_CLASS(4096)
EMIT_CLASS(16384)

/* A record that only counts: bytes moved, none shown. */
__subprogram int emit__count(const struct emit_data *d)
{
	void *ring = emit__ring();
	struct weft_ev_data *e = ring ? bpf_ringbuf_reserve(ring, sizeof(*e), 0) : NULL;

	if (!e) {
		stat__add(WEFT_STAT_DROP_RING, 1);
		return 0;
	}
	emit__fill(e, d, 0);
	emit__submit(e);
	return 0;
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
