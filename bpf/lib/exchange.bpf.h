/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. What a message is about: the connection's protocol and roles by its first
 * bytes, and the exchange that a turn begins, with the thread as the task. */
#ifndef WEFT_EXCHANGE_BPF_H
#define WEFT_EXCHANGE_BPF_H

#include "bpf/lib/emit.bpf.h"
#include "bpf/abi/weft_sniff.h"
#include "weft_sniffers.h"

/* Turns without a known protocol after which a connection is given up. */
#define EXCHANGE_MAX_TRIES 64

/* The bytes shown to a sniffer, as words: what a global function may be given on any
 * kernel. Global, so that each sniffer is verified once and by itself: their paths add up,
 * inlined they would multiply. */
union exchange_bytes {
	u64 word[WEFT_SNIFF_LEN / 8];
	unsigned char byte[WEFT_SNIFF_LEN];
};

#define PROTOCOL(id, NAME, folder)                                                                 \
	__weak int exchange__##folder(u64 first, u64 second, u64 third, u32 n)                     \
	{                                                                                          \
		union exchange_bytes b = {.word = {first, second, third}};                         \
                                                                                                   \
		return weft_sniff_##folder(b.byte, n);                                             \
	}
#include "probes/protocol.def"
#undef PROTOCOL

/* Which protocol begins with these bytes, and who speaks: id << 8 | verdict; 0: none. */
__weak u32 exchange__sniff(u64 base, u32 len)
{
	union exchange_bytes b = {};
	u64 n = len;
	int verdict;

	compat__at_most(n, WEFT_SNIFF_LEN);
	if (!n || bpf_probe_read_user(b.byte, n, (void *)base))
		return 0;
#define PROTOCOL(id, NAME, folder)                                                                 \
	verdict = exchange__##folder(b.word[0], b.word[1], b.word[2], n);                          \
	if (verdict != WEFT_SNIFF_NO)                                                              \
		return (id) << 8 | ((u32)verdict & 0xff);
#include "probes/protocol.def"
#undef PROTOCOL
	return 0;
}

/* Gives the connection its protocol and, if nobody knew, its role. False: not yet. */
static __always_inline bool exchange__classify(struct conn *c, struct cursor *cur)
{
	struct iov first = cur->iov; /* looking must not move the cursor */
	u64 base, len;
	u32 verdict;
	u8 speaker;

	if (c->protocol)
		return true;
	if (!(cur->flags & WEFT_DATA_TURN) || !iov__segment(&first, 0, &base, &len))
		return false;
	verdict = exchange__sniff(base, len < cur->left ? len : cur->left);
	if (!verdict) {
		if (++c->tries >= EXCHANGE_MAX_TRIES) {
			c->flags |= CONN_IGNORED;
			stat__add(WEFT_STAT_UNCLASSIFIED, 1);
		}
		return false;
	}
	speaker = (verdict & 0xff) == WEFT_SNIFF_RESPONSE ? WEFT_ROLE_CLIENT : WEFT_ROLE_SERVER;
	if (cur->dir == WEFT_DIR_TX) /* we say what a peer of that role would hear */
		speaker = WEFT_ROLE_SERVER + WEFT_ROLE_CLIENT - speaker;
	if (c->role == WEFT_ROLE_UNKNOWN || (c->flags & CONN_LATE))
		c->role = speaker;
	else if (c->role != speaker)
		return false;
	c->protocol = verdict >> 8;
	return true;
}

static __always_inline u32 exchange__head_cap(struct conn *c, bool request)
{
	struct weft_wish *wish = NULL;

	if (weft_wishes)
		wish = bpf_map_lookup_elem(&wishes, &c->id);
	if (wish && wish->ignore)
		c->flags |= CONN_IGNORED;
	if (wish && wish->head_cap)
		return wish->head_cap;
	return request ? cfg_head_req : cfg_head_resp;
}

/* A client's request: the exchange it is made for is the thread's, or the one that was
 * current at connect() if the thread has slept since. */
static __always_inline void exchange__ask(struct conn *c)
{
	u8 unbroken = 0;

	c->parent = task__exchange(&unbroken);
	c->parent_flags = unbroken;
	if (c->hint && !(c->parent && unbroken)) {
		c->parent = c->hint;
		c->parent_flags = WEFT_DATA_UNBROKEN | WEFT_DATA_CREATED;
	}
	c->hint = 0;
}

/* The exchange engine. A turn in the request's direction begins an exchange. Receiving a
 * request makes its exchange the thread's; receiving a response gives the thread back
 * the exchange that asked. A client's request carries the exchange it is made for. */
static __always_inline void exchange__note(struct sock *sk, struct conn *c, struct cursor *cur,
					   u64 now, bool request)
{
	bool turn = cur->flags & WEFT_DATA_TURN;

	if (turn) {
		c->budget = exchange__head_cap(c, request);
		if (request)
			c->xid = conn__new_xid(now);
	}
	if (c->role == WEFT_ROLE_CLIENT) {
		if (!request) {
			task__set_exchange(c->parent);
			return;
		}
		if (turn)
			exchange__ask(c);
		cur->task_xid = c->parent;
		cur->flags |= c->parent_flags;
	} else if (request) {
		if (turn && conn__watched(sk))
			cur->flags |= WEFT_DATA_WATCHED;
		/* Of a protocol we cannot read: the thread's work has no name. */
		task__set_exchange(c->protocol ? c->xid : 0);
	}
}

#endif
