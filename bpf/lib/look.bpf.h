/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. Classifies a connection by the first bytes of a message. The sniffers see them as they
 * come, over several segments and calls, until one is sure or none matches. A PROXY preamble
 * before the connection's first message is skipped. */
#ifndef WEFT_LOOK_BPF_H
#define WEFT_LOOK_BPF_H

#include "bpf/lib/conn.bpf.h"
#include "bpf/lib/gather.bpf.h"
#include "weft_sniffers.h"

/* A connection is ignored for good after this many messages of no known protocol. */
#define LOOK_MAX_TRIES 64

/* Global, so that each sniffer is verified once, by itself: their paths add up; inlined they
 * would multiply. `place` identifies the cursor with the bytes, because global functions take no
 * pointers before 5.13. On the stack the verifier would track the bytes and walk longer. */
#define PROTOCOL(id, NAME, folder)                                                                 \
	__weak int look__##folder(u32 place, u32 n)                                                \
	{                                                                                          \
		struct cursor *cur = cursor__at(place);                                            \
                                                                                                   \
		return cur ? weft_sniff_##folder(cur->bytes, n) : WEFT_SNIFF_NO;                   \
	}
#include "probes/protocol.def"
#undef PROTOCOL

/* Protocol and sniff result of the cursor's first n bytes: id << 8 | result. If no sniffer is
 * sure: WEFT_SNIFF_MAYBE if more bytes could make one sure, else 0. */
__weak int look__sniff(u32 place, u32 n)
{
	u32 undecided = WEFT_SNIFF_NO;
	int result;

	if (n > WEFT_SNIFF_LEN)
		n = WEFT_SNIFF_LEN;
#define PROTOCOL(id, NAME, folder)                                                                 \
	result = look__##folder(place, n);                                                         \
	if (result == WEFT_SNIFF_REQUEST || result == WEFT_SNIFF_RESPONSE)                         \
		return (id) << 8 | (u32)result;                                                    \
	if (result == WEFT_SNIFF_MAYBE)                                                            \
		undecided = WEFT_SNIFF_MAYBE;
#include "probes/protocol.def"
#undef PROTOCOL
	return n < WEFT_SNIFF_LEN ? undecided : WEFT_SNIFF_NO;
}

enum look_result { LOOK_NO, LOOK_MORE, LOOK_SURE };

/* Do the call's bytes continue the `len` kept ones? Some may come again (a send that was refused),
 * and replace kept ones. Returns how many stay kept; -1: they do not continue. */
static __always_inline int look__joined(struct look *look, struct cursor *cur, u32 len)
{
	if (!len) {
		look->pos = cur->pos;
		look->time = cur->now;
		return 0;
	}
	if (cur->pos < look->pos || cur->pos > look->pos + len)
		return -1;
	return cur->pos - look->pos;
}

/* Skips the next n bytes of the call. */
static __always_inline void look__pass(struct cursor *cur, u64 n)
{
	if (n > cur->left)
		n = cur->left;
	cur->iov.skip += n;
	cur->pos += n;
	cur->left -= n;
}

/* Parses the n gathered bytes as a preamble: result | wanted bytes << 8 | length << 32. Global, so
 * that its paths are walked once and do not multiply the caller's. */
__weak u64 look__read_preamble(u32 place, u32 n)
{
	struct weft_preamble found = {};
	struct cursor *cur = cursor__at(place);
	u64 result;

	if (!cur)
		return WEFT_PREAMBLE_NONE;
	result = weft_preamble_read(cur->bytes, n, &found);
	return result | (u64)found.wanted << 8 | (u64)found.length << 32;
}

/* Looks for a preamble in the connection's first bytes. LOOK_SURE: that is settled. */
__weak int look__preamble(u32 place)
{
	struct cursor *cur = cursor__at(place);
	u64 found = WEFT_PREAMBLE_NONE;
	struct look *look;
	struct iov start;
	u32 want, result;
	int kept;

	if (!cur)
		return LOOK_NO;
	look = &cur->look;
	start = cur->iov;
	kept = look__joined(look, cur, look->preamble_len);
	if (kept < 0)
		return LOOK_NO;
	__builtin_memcpy(cur->bytes, look->preamble, LOOK_PREAMBLE);
	cur->have = kept;
	want = WEFT_PREAMBLE_MAX - kept;
	want = kept + (want < cur->left ? want : cur->left);
	gather__up_to(place, want);
	cur->iov = start;
	if (cur->have == want)
		found = look__read_preamble(place, want);
	result = found & 0xff;
	look->opening = result == WEFT_PREAMBLE_MORE;
	if (result == WEFT_PREAMBLE_NONE) { /* the kept bytes belong to the message */
		look->len = kept;
		look->preamble_len = 0;
		__builtin_memcpy(look->bytes, look->preamble, WEFT_SNIFF_LEN);
		return kept < WEFT_SNIFF_LEN ? LOOK_SURE : LOOK_NO;
	}
	__builtin_memcpy(look->preamble, cur->bytes, LOOK_PREAMBLE);
	look->preamble_len = want;
	if (result == WEFT_PREAMBLE_MORE)
		return LOOK_MORE;
	look->preamble_len = (u32)found >> 8;
	look->end = look->pos + (found >> 32);
	return LOOK_SURE;
}

/* Gathers the message's first bytes. LOOK_SURE: they are complete. */
__weak int look__message(u32 place)
{
	struct cursor *cur = cursor__at(place);
	struct look *look;
	struct iov start;
	u32 want;
	int kept;

	if (!cur)
		return LOOK_NO;
	look = &cur->look;
	if (look->end > cur->pos)
		look__pass(cur, look->end - cur->pos);
	if (!cur->left)
		return LOOK_MORE;
	kept = look__joined(look, cur, look->len);
	if (kept < 0)
		return LOOK_NO;
	__builtin_memcpy(cur->bytes, look->bytes, WEFT_SNIFF_LEN);
	look->len = cur->have = kept;
	want = WEFT_SNIFF_LEN - kept;
	want = kept + (want < cur->left ? want : cur->left);
	start = cur->iov;
	gather__up_to(place, want);
	cur->iov = start; /* classifying must not move the cursor */
	return cur->have == want ? LOOK_SURE : LOOK_NO;
}

/* Loads the connection's kept bytes into the cursor. A direction change begins another message,
 * and its bytes start empty. False: the kept bytes of this message are lost. */
static __always_inline bool look__load(struct layer *l, struct cursor *cur)
{
	struct look *kept = l->flags & LAYER_KEPT ? bpf_map_lookup_elem(&looks, &l->id) : NULL;
	bool dir_change = cur->flags & WEFT_DATA_DIR_CHANGE;

	if (kept)
		__builtin_memcpy(&cur->look, kept, sizeof(*kept));
	else
		__builtin_memset(&cur->look, 0, sizeof(cur->look));
	if (!dir_change)
		return kept;
	if (cur->look.opening)
		cur->look.preamble_len = 0;
	cur->look.opening = !(l->flags & LAYER_STARTED);
	cur->look.len = 0;
	cur->look.end = 0;
	__builtin_memset(cur->look.bytes, 0, sizeof(cur->look.bytes));
	return true;
}

static __always_inline void look__forget(struct layer *l)
{
	if (l->flags & LAYER_KEPT)
		bpf_map_delete_elem(&looks, &l->id);
	l->flags &= ~LAYER_KEPT;
}

static __always_inline void look__store(struct layer *l, struct cursor *cur)
{
	if (!cur->look.len && !cur->look.preamble_len) {
		look__forget(l);
		return;
	}
	if (!bpf_map_update_elem(&looks, &l->id, &cur->look, BPF_ANY))
		l->flags |= LAYER_KEPT;
}

static __always_inline void look__in_vain(struct layer *l)
{
	l->flags &= ~LAYER_LOOKING;
	if (++l->tries < LOOK_MAX_TRIES)
		return;
	l->flags |= LAYER_IGNORED;
	stat__add(WEFT_STAT_UNCLASSIFIED, 1);
}

/* Accepts a sniff result if it agrees with the connection's role, or sets the role if it is not
 * known for certain. */
static __always_inline bool look__accepted(struct layer *l, u8 dir, u32 sure)
{
	u8 speaker = (sure & 0xff) == WEFT_SNIFF_RESPONSE ? WEFT_ROLE_CLIENT : WEFT_ROLE_SERVER;

	if (dir == WEFT_DIR_TX) /* sent here, so the roles are the other way round */
		speaker = WEFT_ROLE_SERVER + WEFT_ROLE_CLIENT - speaker;
	if (l->role == WEFT_ROLE_UNKNOWN || (l->flags & LAYER_LATE))
		l->role = speaker;
	else if (l->role != speaker)
		return false;
	l->protocol = sure >> 8;
	return true;
}

static __always_inline void look__ends(struct layer *l, struct cursor *cur, enum look_result result)
{
	if (result == LOOK_NO) {
		cur->look.len = 0;
		look__in_vain(l);
	}
	look__store(l, cur);
}

/* Gathers the bytes of the current message; returns how many there are for the sniffers. */
__weak u32 look__gather(u32 place)
{
	struct cursor *cur = cursor__at(place);
	struct layer *l = layer__at(cur);
	enum look_result result;

	if (!cur || !l)
		return 0;
	result = look__load(l, cur) ? LOOK_SURE : LOOK_NO;
	if (cur->look.opening)
		result = look__preamble(place);
	if (result == LOOK_SURE)
		result = look__message(place);
	if (result == LOOK_SURE)
		return cur->have;
	look__ends(l, cur, result);
	return 0;
}

/* True: the connection is classified. For what follows, a message that is recognised only now
 * begins with this call. */
__weak int look__decide(u32 place, u32 result)
{
	struct cursor *cur = cursor__at(place);
	struct layer *l = layer__at(cur);

	if (!cur || !l)
		return false;
	if (result == WEFT_SNIFF_MAYBE) {
		cur->look.len = cur->have;
		__builtin_memcpy(cur->look.bytes, cur->bytes, WEFT_SNIFF_LEN);
		look__ends(l, cur, LOOK_MORE);
		return false;
	}
	if (result == WEFT_SNIFF_NO || !look__accepted(l, cur->dir, result)) {
		look__ends(l, cur, LOOK_NO);
		return false;
	}
	l->flags &= ~LAYER_LOOKING;
	cur->flags |= WEFT_DATA_DIR_CHANGE;
	look__ends(l, cur, LOOK_SURE);
	return true;
}

/* Sets the connection's protocol and, if unknown, its role. False: not yet. The sniffers need
 * nearly half of the stack, so only the program's and look__sniff's frames are below theirs. */
static __always_inline bool look__classify(struct layer *l, struct cursor *cur, u32 place)
{
	u32 n;

	if (l->protocol)
		return true;
	if (cur->flags & WEFT_DATA_DIR_CHANGE) {
		if (l->flags & LAYER_LOOKING) /* the last message was too short to classify */
			look__in_vain(l);
		l->flags |= LAYER_LOOKING;
	}
	if (!(l->flags & LAYER_LOOKING))
		return false;
	n = look__gather(place);
	if (!n)
		return false;
	return look__decide(place, look__sniff(place, n));
}

#endif
