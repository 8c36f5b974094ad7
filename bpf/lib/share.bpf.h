/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. Which exchanges are kept where not all are. A trace is kept whole or not at all:
 *   - where it begins, its randomness decides. That is computed from the position of the request's
 *     first byte, which both ends of a TCP connection know, so that they decide alike;
 *   - what the task of an exchange sends inherits its decision. If that differs from what the
 *     position says, the sending end stores it for the receiving one ("inherited").
 * The decision is a bit of the exchange's id (WEFT_EXCHANGE_KEPT), so it goes wherever the id goes.
 * Of protocols that cannot be read after a gap everything is reported, and user space makes no
 * spans of what is not kept. */
#ifndef WEFT_SHARE_BPF_H
#define WEFT_SHARE_BPF_H

#include "bpf/lib/left_out.bpf.h"
#include "bpf/lib/look.bpf.h"

/* 0 until the first entry of "inherited": saves the look-up. Written by programs. */
u32 weft_inherited __weak = 0;

/* Key: sequence number of a request's first byte; value: is it kept? Never deleted. Full: the least
 * recently used one is evicted; a receiving end that comes later decides by the position. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, u8);
} inherited __weak SEC(".maps");

/* Key connection id, of a server's end; value: 1 if its requests carry trace contexts. Written by
 * user space when it has seen a request, while not all exchanges are kept. Full: the least recently
 * used one is evicted, the connection's next request is seen again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, u8);
} origins __weak SEC(".maps");

/* Mixes the bits of a sequence number: neighbours get unrelated values. */
static __always_inline u32 share__mix(u32 x)
{
	x ^= x >> 16;
	x *= 0x7feb352d;
	x ^= x >> 15;
	x *= 0x846ca68b;
	return x ^ x >> 16;
}

/* Are the layer's positions sequence numbers? */
static __always_inline bool share__is_tcp(const struct conn *c, const struct cursor *cur)
{
	return !(c->flags & CONN_COUNTED) && !cur->object.id;
}

/* An exchange id: never 0. It is unique by its randomness and the time, of which the two last bits
 * are taken. */
static __always_inline u64 share__id(u32 random, u64 now, bool kept)
{
	return (u64)random << 32 | ((u32)now & ~3u) | 2 | kept;
}

static __always_inline bool share__above(struct layer *l, u32 random, enum weft_origin origin)
{
	u32 threshold = weft_thresholds[origin];

	l->threshold = threshold < WEFT_KEEP_NONE ? threshold : WEFT_KEEP_NONE - 1;
	return random >> 16 >= threshold;
}

/* A server's request: does the sending end, on this host, say something? */
static __always_inline bool share__told(u32 seq, bool *kept)
{
	u8 *told = weft_inherited ? bpf_map_lookup_elem(&inherited, &seq) : NULL;

	if (told)
		*kept = *told;
	return told;
}

static __always_inline void share__tell(u32 seq, u8 kept)
{
	bpf_map_update_elem(&inherited, &seq, &kept, BPF_ANY);
	weft_inherited = 1;
}

/* Does a request begin at the cursor, whose bytes may be the rest of another one's? enum
 * weft_sniff_result, of its protocol: MAYBE if there are too few bytes to say. */
static __always_inline u32 share__starts(struct layer *l, struct cursor *cur, u32 place)
{
	struct iov start = cur->iov;
	u32 want = cur->left < WEFT_SNIFF_LEN ? cur->left : WEFT_SNIFF_LEN, found;

	__builtin_memset(cur->bytes, 0, WEFT_SNIFF_LEN);
	cur->have = 0;
	gather__up_to(place, want);
	cur->iov = start;
	if (cur->have != want)
		return WEFT_SNIFF_NO;
	found = look__sniff(place, want);
	if (found == WEFT_SNIFF_MAYBE)
		return WEFT_SNIFF_MAYBE;
	return found == ((u32)l->protocol << 8 | WEFT_SNIFF_REQUEST) ? WEFT_SNIFF_REQUEST
								     : WEFT_SNIFF_NO;
}

/* Who begins the traces of the connection's requests, as far as user space has said. */
static __always_inline void share__place(struct layer *l)
{
	u8 *continued = bpf_map_lookup_elem(&origins, &l->id);

	if (continued)
		l->flags |= LAYER_PLACED | (*continued ? LAYER_CONTINUED : 0);
}

/* Does the request have to be seen, to know who begins the connection's traces? */
static __always_inline bool share__is_unplaced(struct layer *l, u32 random)
{
	if (!cfg_protocol[l->protocol].status_at || l->role != WEFT_ROLE_SERVER ||
	    l->flags & LAYER_PLACED)
		return false;
	share__place(l);
	return !(l->flags & LAYER_PLACED) && random >> 16 >= weft_thresholds[WEFT_ORIGIN_UNKNOWN];
}

/* Is the exchange that begins with the request at the cursor kept? */
static __always_inline bool share__decides(struct layer *l, struct cursor *cur, u32 random,
					   bool tcp, bool unplaced)
{
	enum weft_origin origin =
	    l->flags & LAYER_CONTINUED ? WEFT_ORIGIN_BEFORE : WEFT_ORIGIN_HERE;
	bool kept = share__above(l, random, origin), own = kept;

	if (l->role == WEFT_ROLE_CLIENT && l->parent) {
		kept = l->parent & WEFT_EXCHANGE_KEPT;
		if (tcp && kept != own)
			share__tell(cur->pos, kept);
		return kept;
	}
	if (l->role == WEFT_ROLE_SERVER && tcp && share__told(cur->pos, &kept))
		return kept;
	if (unplaced && !kept) {
		cur->flags |= WEFT_DATA_UNDECIDED;
		return true;
	}
	return kept;
}

/* Decides about the request that begins at the cursor; returns whether it is kept. What is the rest
 * of another request goes on as that one did. */
__weak int share__begin(u32 place, u32 random)
{
	struct cursor *cur = cursor__at(place);
	struct conn *c = conn__at(cur);
	struct layer *l = cur && cur->object.id ? layer__at(cur) : c ? &c->wire : NULL;
	bool was_out, out, tcp, unplaced, kept;
	u32 starts;

	if (!cur || !l || !c)
		return true;
	was_out = l->flags & LAYER_LEFT_OUT;
	if (was_out && l->status == WEFT_STATUS_1XX)
		return l->exchange_id & WEFT_EXCHANGE_KEPT;
	tcp = share__is_tcp(c, cur);
	unplaced = share__is_unplaced(l, random);
	kept = share__decides(l, cur, random, tcp, unplaced);
	out = !kept && !unplaced && tcp && cfg_protocol[l->protocol].status_at;
	starts = out == was_out ? WEFT_SNIFF_REQUEST : share__starts(l, cur, place);
	if (starts == WEFT_SNIFF_NO || (starts == WEFT_SNIFF_MAYBE && !was_out))
		return l->exchange_id & WEFT_EXCHANGE_KEPT;
	if (starts == WEFT_SNIFF_MAYBE) { /* such as the one byte that Go's server reads ahead */
		kept = false;
		out = true;
	}
	if (was_out)
		left_out__count(c, (const struct sock *)cur->sk);
	l->flags &= ~LAYER_LEFT_OUT;
	if (out) {
		l->flags &= ~(LAYER_REPORTED << WEFT_DIR_RX | LAYER_REPORTED << WEFT_DIR_TX);
		l->flags |= LAYER_LEFT_OUT;
		l->begun = cur->now;
		l->status = WEFT_STATUS_NONE;
	} else if (was_out) {
		cur->flags |= WEFT_DATA_RESUMED;
	}
	return kept;
}

#endif
