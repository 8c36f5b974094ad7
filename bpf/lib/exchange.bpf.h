/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. The exchange that a direction change begins, and the current exchange of tasks. */
#ifndef WEFT_EXCHANGE_BPF_H
#define WEFT_EXCHANGE_BPF_H

#include "bpf/lib/context.bpf.h"
#include "bpf/lib/share.bpf.h"

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

static __always_inline u32 exchange__head_cap(struct layer *l, bool request)
{
	u64 wanted = weft_overrides ? exchange__override(l->id) : 0;

	if (wanted & EXCHANGE_IGNORE)
		l->flags |= LAYER_IGNORED;
	if ((u32)wanted)
		return wanted;
	return request ? cfg_head_req : cfg_head_resp;
}

/* Bytes of the message that may still be copied. More than the usual number are withdrawn when
 * the reader falls behind, because all connections of the CPU share the ring. */
static __always_inline u32 exchange__budget(struct layer *l)
{
	u32 usual = cfg_head_req > cfg_head_resp ? cfg_head_req : cfg_head_resp;

	if (cfg_protocol[l->protocol].all)
		l->budget = EXCHANGE_ALL;
	if (l->budget > usual && emit__behind()) {
		l->budget = usual;
		stat__add(WEFT_STAT_OVERRIDE, 1);
	}
	return l->budget;
}

/* A client's request: its candidate parent is the task's current exchange. A thread that has slept
 * since may be an event loop: the exchange that was current at connect() is the better candidate.
 */
static __always_inline void exchange__ask(struct layer *l, u64 task)
{
	u8 no_sleep = 0;

	l->parent = task__exchange(task, &no_sleep);
	l->parent_flags = no_sleep;
	if (!task && l->hint && !(l->parent && no_sleep)) {
		l->parent = l->hint;
		l->parent_flags = WEFT_DATA_NO_SLEEP | WEFT_DATA_CREATED;
	}
	if (!(l->flags & LAYER_LOOKING)) /* else the message may begin again when classified */
		l->hint = 0;
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
static __always_inline bool exchange__begins(const struct layer *l, const struct cursor *cur)
{
	bool call = cur->head_only | !cur->iov.skip;

	return (cur->flags & WEFT_DATA_DIR_CHANGE) | (cfg_protocol[l->protocol].frames & call);
}

/* A request begins. Both ends of a TCP connection give it the same randomness. */
static __always_inline void exchange__begin(struct layer *l, struct cursor *cur, u32 place,
					    bool counted)
{
	u32 random = counted || cur->object.id ? bpf_get_prandom_u32() : share__mix((u32)cur->pos);
	bool kept = true;

	l->threshold = 0;
	if ((weft_limited || l->flags & LAYER_LEFT_OUT) && l->protocol)
		kept = share__begin(l, place, random);
	l->exchange_id = share__id(random, cur->now, kept);
}

/* The exchange rules. The beginning of a message in the request's direction begins an exchange.
 * Receiving a request makes its exchange the task's current one; receiving a response makes the
 * exchange that sent the request current again, or none if the frames may be of several responses.
 * A client's request carries its candidate parent. */
static __always_inline void exchange__note(struct sock *sk, struct layer *l, struct cursor *cur,
					   u32 place, u8 dir, bool counted)
{
	bool begins = exchange__begins(l, cur);
	bool request = exchange__is_request(l->role, dir);

	if (begins) {
		l->budget = exchange__head_cap(l, request);
		if (request && l->role == WEFT_ROLE_CLIENT)
			exchange__ask(l, cur->task);
		if (request)
			exchange__begin(l, cur, place, counted);
	}
	if (l->role == WEFT_ROLE_CLIENT) {
		if (!request) {
			task__set_exchange(cur->task,
					   cfg_protocol[l->protocol].frames ? 0 : l->parent);
			return;
		}
		if (cfg_contexts && begins && l->protocol && l->parent)
			context__carry(l->exchange_id, l->parent, cur->task, cur->now);
		cur->current_exchange = l->parent;
		cur->flags |= l->parent_flags;
	} else if (request &&
		   dir == WEFT_DIR_RX) { /* always true here; lets the compiler drop it in sends */
		if (begins && conn__polled(sk))
			cur->flags |= WEFT_DATA_POLLED;
		/* 0 for an unknown protocol: what the task works on is unknown. */
		task__set_exchange(cur->task, l->protocol ? l->exchange_id : 0);
	}
}

#endif
