/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. The position of a call's bytes in their stream, and whether it is known: several
 * threads may move bytes on one socket at once. */
#ifndef WEFT_PLACE_BPF_H
#define WEFT_PLACE_BPF_H

#include "bpf/lib/socket_call.bpf.h"

static __always_inline bool place__is_dir_change(const struct conn *c, u8 dir)
{
	return !(c->wire.flags & LAYER_STARTED) || c->wire.last_dir != dir;
}

/* False: this call created the connection state, whose positions already include the call's
 * bytes; do not compare. */
static __always_inline bool place__placed(const struct conn *c)
{
	return (c->wire.flags & (LAYER_LATE | LAYER_STARTED)) != LAYER_LATE;
}

/* Do a call's bytes directly follow the last reported ones (`told`)? A hook after the call cannot
 * see it: if another thread's bytes are in between, it is not known which bytes are whose, and all
 * of them become a hole. The same holds for calls that were in progress at that time. */
static __always_inline bool place__follows(enum cursor_place place, struct sock *sk, struct conn *c,
					   u8 dir, u64 begin, u64 told)
{
	u16 unsure = CONN_UNSURE << dir;

	if (begin == told && !(c->flags & unsure))
		return true;
	if (conn__alone(sk, place != CURSOR_SYSCALL)) {
		c->flags &= ~unsure;
		return true;
	}
	c->flags |= unsure;
	return false;
}

/* The same where positions are counted, in the order in which calls end: n bytes from *begin
 * on. From the second thread's first call on, threads that alternate are distinguished from
 * threads that overlap. Two may count at once; the sum is the same in either order. */
static __always_inline bool place__in_order(enum cursor_place place, struct sock *sk,
					    struct conn *c, u8 dir, u32 n, u64 *begin)
{
	u16 crowded = CONN_CROWDED << dir, unsure = CONN_UNSURE << dir;
	u32 tid = bpf_get_current_pid_tgid();
	u64 *pos = dir == WEFT_DIR_TX ? &c->wire.tx_pos : &c->wire.rx_pos;
	bool alone, known;

	*begin = *(volatile u64 *)pos;
	__sync_fetch_and_add(pos, n);
	if (place__is_dir_change(c, dir))
		c->flags &= ~(crowded | unsure);
	else if (c->mover[dir] != tid)
		c->flags |= crowded;
	c->mover[dir] = tid;
	if (!(c->flags & crowded))
		return true;
	alone = conn__alone(sk, place != CURSOR_SYSCALL);
	known = alone && !(c->flags & unsure);
	c->flags = alone ? c->flags & ~unsure : c->flags | unsure;
	return known;
}

/* The bytes of a TCP send: from *begin to *end. False: the position is not known, nor which
 * call sent the bytes before *end. Where a pre-send hook exists, it stored the position. */
static __always_inline bool place__of_send(enum cursor_place place, struct sock *sk, struct conn *c,
					   int ret, u64 *begin, u64 *end)
{
	struct socket_call *call;

	*end = conn__unwrap(c->wire.tx_pos, conn__write_seq(sk));
	*begin = *end - ret;
	if (!place__placed(c) || !(c->wire.flags & LAYER_STARTED))
		return true;
	if (!cfg_tcp_before)
		return place__follows(place, sk, c, WEFT_DIR_TX, *begin, c->wire.tx_pos);
	call = socket_call__find(sk, WEFT_DIR_TX);
	if (!call || (u64)ret > call->end - call->begin)
		return false;
	*begin = call->begin;
	*end = *begin + ret;
	return true;
}

#endif
