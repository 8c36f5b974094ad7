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

static __always_inline struct layer *share__layer(struct cursor *cur, struct conn *c)
{
	if (cur->object.id)
		return layer__at(cur);
	return c ? &c->wire : NULL;
}

/* Decides about the request that seems to begin at the cursor. True: that it does begin must be
 * certain, because what is reported changes. */
__weak int share__decide(u32 place, u32 random)
{
	struct cursor *cur = cursor__at(place);
	struct conn *c = conn__at(cur);
	struct layer *l;
	bool was_out, tcp, unplaced;

	if (!cur || !c)
		return false;
	l = share__layer(cur, c);
	if (!l)
		return false;
	was_out = l->flags & LAYER_LEFT_OUT;
	tcp = share__is_tcp(c, cur);
	unplaced = share__is_unplaced(l, random);
	cur->kept = share__decides(l, cur, random, tcp, unplaced);
	cur->out = !cur->kept && !unplaced && tcp && cfg_protocol[l->protocol].status_at;
	return cur->out != was_out;
}

/* Gathers the bytes by which that is seen; returns how many there are. */
__weak u32 share__gather(u32 place)
{
	struct cursor *cur = cursor__at(place);
	u32 want;

	if (!cur)
		return 0;
	want = cur->left < WEFT_SNIFF_LEN ? cur->left : WEFT_SNIFF_LEN;
	__builtin_memset(cur->bytes, 0, WEFT_SNIFF_LEN);
	return gather__peek(cur, place, want) == want ? want : 0;
}

static __always_inline void share__leave(struct layer *l, u64 now)
{
	l->flags &= ~(LAYER_REPORTED << WEFT_DIR_RX | LAYER_REPORTED << WEFT_DIR_TX);
	l->flags |= LAYER_LEFT_OUT;
	l->begun = now;
	l->status = WEFT_STATUS_NONE;
}

/* Acts on the decision; returns whether the exchange is kept. begins: enum weft_sniff_result. What
 * is the rest of another request goes on as that one did. */
__weak int share__settle(u32 place, u32 begins)
{
	struct cursor *cur = cursor__at(place);
	struct conn *c = conn__at(cur);
	struct layer *l;
	bool was_out;

	if (!cur || !c)
		return true;
	l = share__layer(cur, c);
	if (!l)
		return true;
	was_out = l->flags & LAYER_LEFT_OUT;
	if (begins == WEFT_SNIFF_NO || (begins == WEFT_SNIFF_MAYBE && !was_out) ||
	    (was_out && l->status == WEFT_STATUS_1XX))
		return l->exchange_id & WEFT_EXCHANGE_KEPT;
	if (begins == WEFT_SNIFF_MAYBE) { /* such as the one byte that Go's server reads ahead */
		cur->kept = false;
		cur->out = true;
	}
	if (was_out)
		left_out__count(c, (const struct sock *)cur->sk);
	l->flags &= ~LAYER_LEFT_OUT;
	if (cur->out)
		share__leave(l, cur->now);
	else if (was_out)
		cur->flags |= WEFT_DATA_RESUMED;
	return cur->kept;
}

/* Decides about the request that begins at the cursor: is it kept? The sniffers need nearly half of
 * the stack, so they are called from the program itself. */
static __always_inline bool share__begin(struct layer *l, u32 place, u32 random)
{
	u32 begins = WEFT_SNIFF_REQUEST, n, found;

	if (share__decide(place, random)) {
		n = share__gather(place);
		found = n ? look__sniff(place, n) : WEFT_SNIFF_NO;
		if (found == WEFT_SNIFF_MAYBE)
			begins = WEFT_SNIFF_MAYBE;
		else if (found != ((u32)l->protocol << 8 | WEFT_SNIFF_REQUEST))
			begins = WEFT_SNIFF_NO;
	}
	return share__settle(place, begins);
}

#endif
