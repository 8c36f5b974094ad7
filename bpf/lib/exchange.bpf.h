/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. The exchange that a direction change begins, and the current exchange of threads. */
#ifndef WEFT_EXCHANGE_BPF_H
#define WEFT_EXCHANGE_BPF_H

#include "bpf/lib/emit.bpf.h"

#define EXCHANGE_IGNORE (1ull << 32)
#define EXCHANGE_ALL 0xffffffff /* the budget of a protocol that wants every byte */

/* The capture override of a connection: bytes of the message to copy (0: the default), with
 * EXCHANGE_IGNORE if it is to be ignored. */
__weak u64 exchange__override(u64 id)
{
	struct weft_capture_override *wanted = bpf_map_lookup_elem(&overrides, &id);
	u64 ignore;

	if (!wanted)
		return 0;
	ignore = wanted->ignore ? EXCHANGE_IGNORE : 0;
	if (!wanted->head_cap)
		return ignore;
	if (!emit__behind())
		return ignore | wanted->head_cap;
	stat__add(WEFT_STAT_OVERRIDE, 1);
	return ignore;
}

static __always_inline u32 exchange__head_cap(struct conn *c, bool request)
{
	u64 wanted = weft_overrides ? exchange__override(c->id) : 0;

	if (wanted & EXCHANGE_IGNORE)
		c->flags |= CONN_IGNORED;
	if ((u32)wanted)
		return wanted;
	return request ? cfg_head_req : cfg_head_resp;
}

/* Bytes of the message that may still be copied. More than the usual number are withdrawn when
 * the reader falls behind, because all connections of the CPU share the ring. */
static __always_inline u32 exchange__budget(struct conn *c)
{
	u32 usual = cfg_head_req > cfg_head_resp ? cfg_head_req : cfg_head_resp;

	if (cfg_protocol[c->protocol].all)
		c->budget = EXCHANGE_ALL;
	if (c->budget > usual && emit__behind()) {
		c->budget = usual;
		stat__add(WEFT_STAT_OVERRIDE, 1);
	}
	return c->budget;
}

/* A client's request: its candidate parent is the thread's current exchange, or the one that was
 * current at connect() if the thread has slept since. */
static __always_inline void exchange__ask(struct conn *c)
{
	u8 no_sleep = 0;

	c->parent = task__exchange(&no_sleep);
	c->parent_flags = no_sleep;
	if (c->hint && !(c->parent && no_sleep)) {
		c->parent = c->hint;
		c->parent_flags = WEFT_DATA_NO_SLEEP | WEFT_DATA_CREATED;
	}
	if (!(c->flags & CONN_LOOKING)) /* else the message may begin again when classified */
		c->hint = 0;
}

/* What a server receives, or a client sends. Arithmetic, because each branch here doubles the
 * paths that the verifier walks. */
static __always_inline bool exchange__is_request(u8 role, u8 dir)
{
	_Static_assert(WEFT_ROLE_SERVER == 1 && WEFT_ROLE_CLIENT == 2,
		       "the last bit is a server's");
	return (role ^ dir) & 1;
}

/* Do these bytes begin a message? In a protocol of frames each call does; one with bytes to skip is
 * the rest of a call. Arithmetic, as above. */
static __always_inline bool exchange__begins(const struct conn *c, const struct cursor *cur)
{
	bool call = cur->head_only | !cur->iov.skip;

	return (cur->flags & WEFT_DATA_DIR_CHANGE) | (cfg_protocol[c->protocol].frames & call);
}

/* The exchange rules. The beginning of a message in the request's direction begins an exchange.
 * Receiving a request makes its exchange the thread's current one; receiving a response makes the
 * exchange that sent the request current again, or none if the frames may be of several responses.
 * A client's request carries its candidate parent. */
static __always_inline void exchange__note(struct sock *sk, struct conn *c, struct cursor *cur,
					   u8 dir)
{
	bool begins = exchange__begins(c, cur);
	bool request = exchange__is_request(c->role, dir);

	if (begins) {
		c->budget = exchange__head_cap(c, request);
		if (request)
			c->exchange_id = conn__new_exchange_id(cur->now);
	}
	if (c->role == WEFT_ROLE_CLIENT) {
		if (!request) {
			task__set_exchange(cfg_protocol[c->protocol].frames ? 0 : c->parent);
			return;
		}
		if (begins)
			exchange__ask(c);
		cur->current_exchange = c->parent;
		cur->flags |= c->parent_flags;
	} else if (request &&
		   dir == WEFT_DIR_RX) { /* always true here; lets the compiler drop it in sends */
		if (begins && conn__polled(sk))
			cur->flags |= WEFT_DATA_POLLED;
		/* 0 for an unknown protocol: what the thread works on is unknown. */
		task__set_exchange(c->protocol ? c->exchange_id : 0);
	}
}

#endif
