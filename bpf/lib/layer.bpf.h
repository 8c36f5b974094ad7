/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 5. What bytes that moved mean, the same for a socket's own bytes and for those of a layer
 * above it: classifies them, applies the exchange rules, and makes the records. */
#ifndef WEFT_LAYER_BPF_H
#define WEFT_LAYER_BPF_H

#include "bpf/lib/exchange.bpf.h"
#include "bpf/lib/look.bpf.h"
#include "bpf/lib/report.bpf.h"

/* Bytes copied of every call, however long the message: a parser sees the head of each chunk. */
#define LAYER_MIN_COPY 256

/* The program's own cursor, initialised for a call. */
static __always_inline struct cursor *layer__begin(u32 place, u8 dir, u32 flags)
{
	struct cursor *cur = bpf_map_lookup_elem(&cursors, &place);

	if (!cur) /* never; the verifier requires the test */
		return NULL;
	cur->iov.kind = IOV_NONE;
	cur->iov.skip = 0;
	cur->iov.recv_flags = 0;
	cur->now = bpf_ktime_get_ns();
	cur->age = 0;
	cur->current_exchange = 0;
	cur->task = task_id__current();
	cur->least = LAYER_MIN_COPY;
	cur->head_only = flags & WEFT_DATA_PRE_SEND;
	cur->flags = flags;
	cur->dir = dir;
	return cur;
}

/* Reports the call at the cursor, as much of it as the message's budget allows. */
static __always_inline void layer__report(struct layer *l, struct cursor *cur, u32 place)
{
	u32 budget = exchange__budget(l), copied;
	u32 allowed = budget > cur->least ? budget : cur->least;

	cur->conn = l->id;
	cur->exchange_id = l->exchange_id;
	cur->threshold = l->threshold;
	cur->tail = cfg_protocol[l->protocol].tail;
	cur->allowed = allowed;
	if (cur->tail && cur->left > allowed)
		report__keep_tail(place, l->protocol);
	report__call(place);
	copied = allowed - cur->allowed;
	l->budget = copied < budget ? budget - copied : 0;
}

/* Reports the layer, and the bytes it moved before it was classified. */
__weak int layer__open(u32 place)
{
	struct cursor *cur = cursor__at(place);
	struct layer *l = layer__at(cur);
	struct conn *c = conn__at(cur);
	struct look *look;

	if (!cur || !l || !c)
		return false;
	look = l->flags & LAYER_KEPT ? bpf_map_lookup_elem(&looks, &l->id) : NULL;
	if (!emit__open(l, c, (const struct sock *)cur->sk, cur->now, look))
		return false;
	l->flags |= LAYER_OPENED;
	if (look && look->len) {
		cur->conn = l->id;
		cur->exchange_id = l->exchange_id;
		cur->threshold = l->threshold;
		emit__kept(report__next(cur, look->len), look);
		cur->flags &= ~WEFT_DATA_DIR_CHANGE;
	}
	look__forget(l);
	return true;
}

static __always_inline void layer__reached(struct layer *l, u8 dir, u64 pos)
{
	if (dir == WEFT_DIR_TX)
		l->tx_pos = pos;
	else
		l->rx_pos = pos;
}

/* The bytes at the cursor have moved. counted: the layer's position includes them already. */
static __always_inline void layer__moved(struct sock *sk, struct layer *l, struct cursor *cur,
					 u32 place, u8 dir, bool counted)
{
	u64 end = cur->pos + cur->left;

	/* Stored in the cursor and read back: the verifier then merges all paths to the result. */
	cur->known = look__classify(l, cur, place);
	l->last_dir = dir;
	l->flags |= LAYER_STARTED;
	if (!l->role)
		l->role = dir == WEFT_DIR_RX ? WEFT_ROLE_SERVER : WEFT_ROLE_CLIENT;
	exchange__note(sk, l, cur, place, dir, counted);
	if (!*(volatile u8 *)&cur->known || (l->flags & LAYER_IGNORED)) {
		if (!counted)
			layer__reached(l, dir, end);
		return;
	}
	if (l->flags & LAYER_LEFT_OUT) {
		look__forget(l);
		left_out__moved(l, cur, place, exchange__is_request(l->role, dir));
		layer__reached(l, dir, end);
		return;
	}
	if (!(l->flags & LAYER_OPENED) && !layer__open(place))
		return;
	l->flags |= LAYER_REPORTED << dir;
	layer__report(l, cur, place);
	if (!counted)
		layer__reached(l, dir, cur->pos);
}

#endif
