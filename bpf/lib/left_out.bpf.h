/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. Counts the exchanges that are not reported: how many, how long, with which status. */
#ifndef WEFT_LEFT_OUT_BPF_H
#define WEFT_LEFT_OUT_BPF_H

#include "bpf/abi/weft_left_out.h"
#include "bpf/lib/conn.bpf.h"
#include "bpf/lib/gather.bpf.h"

/* Set by user space before load. */
const volatile struct weft_duration_scale cfg_durations __weak = {};

/* A new value. On the stack it would be too large for programs with the sniffers below them. */
const volatile struct weft_left_out left_out_none __weak = {};

/* Key and value: weft_left_out.h. Full: the request is not counted (left_out_table_full). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct weft_left_out_key);
	__type(value, struct weft_left_out);
} left_out __weak SEC(".maps");

static __always_inline u32 left_out__width(u64 v)
{
	u32 width = 0;

	for (u32 step = 32; step; step /= 2)
		if (v >> step) {
			width += step;
			v >>= step;
		}
	return v ? width + 1 : 0;
}

static __always_inline u32 left_out__bucket(u64 v)
{
	u32 i = cfg_durations.at[left_out__width(v) & 63];

	return i < WEFT_DURATION_BOUNDS && v > cfg_durations.bounds[i] ? i + 1 : i;
}

/* The value at the key, created if there is none. Another program may create it at the same time.
 */
static __always_inline struct weft_left_out *left_out__at(const struct weft_left_out_key *key)
{
	struct weft_left_out *value = bpf_map_lookup_elem(&left_out, key);

	if (value)
		return value;
	bpf_map_update_elem(&left_out, key, (void *)&left_out_none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&left_out, key);
}

static __always_inline u16 left_out__port(const struct conn *c, const struct sock *sk)
{
	/* skc_num is 0 once the socket is closed. */
	if (c->wire.role == WEFT_ROLE_SERVER)
		return bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
	return bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

/* The connection's current exchange is over, and was left out. The process is the one that moved
 * bytes last (conn__denied): this may run in interrupt context. */
static __always_inline void left_out__count(struct conn *c, const struct sock *sk)
{
	struct weft_left_out_key key = {};
	struct weft_left_out *value;
	u64 took;
	u32 i;

	if (!c->wire.begun)
		return;
	key.pid = (u32)c->decided >> 1;
	key.cpu = bpf_get_smp_processor_id();
	key.port = left_out__port(c, sk);
	key.protocol = c->wire.protocol;
	key.role = c->wire.role;
	key.status = c->wire.status;
	value = left_out__at(&key);
	if (!value) {
		stat__add(WEFT_STAT_DROP_LEFT_OUT, 1);
		return;
	}
	took = c->wire.moved - c->wire.begun;
	i = left_out__bucket(took);
	__sync_fetch_and_add(&value->sum, took);
	if (i <= WEFT_DURATION_BOUNDS)
		__sync_fetch_and_add(&value->count[i], 1);
	c->wire.begun = 0;
}

static __always_inline u8 left_out__class(u8 byte)
{
	u8 digit = byte - '0';

	return digit <= WEFT_STATUS_5XX ? digit : WEFT_STATUS_NONE;
}

/* The class of the status in the response that begins at the cursor. */
__weak u32 left_out__status(u32 place, u32 at)
{
	struct cursor *cur = cursor__at(place);

	if (!cur)
		return WEFT_STATUS_NONE;
	return gather__peek(cur, place, at + 1) > at ? left_out__class(cur->bytes[at & 15])
						     : WEFT_STATUS_NONE;
}

/* Bytes at the cursor, of an exchange that is left out, have moved. */
static __always_inline void left_out__moved(struct layer *l, struct cursor *cur, u32 place,
					    bool request)
{
	l->moved = cur->now;
	if (!request && (cur->flags & WEFT_DATA_DIR_CHANGE))
		l->status = left_out__status(place, cfg_protocol[l->protocol].status_at & 15);
}

/* A server is about to send the bytes from `from` to `end`. True: the response of an exchange that
 * is left out; nothing else is to be done. */
static __always_inline bool left_out__answers(struct layer *l, const struct iov *iov, u64 from,
					      u64 end)
{
	u32 at = cfg_protocol[l->protocol].status_at & 15;
	u8 byte = 0;

	if (!(l->flags & LAYER_LEFT_OUT) || l->role != WEFT_ROLE_SERVER || iov->kind != IOV_BUFFER)
		return false;
	if (l->last_dir != WEFT_DIR_TX) {
		if (end - from > at)
			bpf_probe_read_user(&byte, sizeof(byte),
					    (void *)(iov->base + iov->skip + at));
		l->status = left_out__class(byte);
		l->last_dir = WEFT_DIR_TX;
	}
	l->moved = bpf_ktime_get_ns();
	l->tx_pos = end;
	return true;
}

#endif
