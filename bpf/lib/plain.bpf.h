/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 5. Layers above a socket, such as the plaintext above TLS: functions of a library take and
 * return their bytes. A layer belongs to the connection that moves bytes while its thread is inside
 * such a call; the messages are in the layer then, and what the socket itself moves is ignored. */
#ifndef WEFT_PLAIN_BPF_H
#define WEFT_PLAIN_BPF_H

#include "bpf/lib/conn.bpf.h"

/* 1 once a function of a layer is probed; 0 saves the look-up. Written by user space. */
u32 weft_layers __weak = 0;

struct plain_call {
	struct object_key object;
	u64 start;
	u64 buffer;
	u64 moved; /* where the function stores how many bytes moved; 0: it returns that */
	u64 sp;	   /* 0: no call is in progress */
};
/* Key tid: the outermost call in progress. Written by programs, never deleted: the thread's next
 * call reuses it. Full: the least recently used one is evicted, its bytes are not reported. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct plain_call);
} plain_calls __weak SEC(".maps");

static __always_inline struct plain_call *plain__call(void)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct plain_call *call = bpf_map_lookup_elem(&plain_calls, &tid);

	return call && call->sp ? call : NULL;
}

static __always_inline long plain__begin(const struct object_key *object, const struct conn *c,
					 u64 sk)
{
	struct plain fresh = {.sk = sk, .transport = c->wire.id};

	fresh.layer.id = conn__new_id(bpf_ktime_get_ns());
	fresh.layer.role = c->wire.role;
	fresh.layer.hint = c->wire.hint;
	fresh.layer.flags = c->wire.flags & LAYER_LATE;
	return bpf_map_update_elem(&plains, object, &fresh, BPF_ANY);
}

/* The socket moves bytes: for the layer of the call that its thread is in, if any. */
__subprogram int plain__cover(u64 sk)
{
	struct plain_call *call = plain__call();
	struct conn *c = bpf_map_lookup_elem(&conns, &sk);
	struct plain *p;

	if (!c)
		c = bpf_map_lookup_elem(&unix_conns, &sk);
	if (!call || !c)
		return false;
	p = bpf_map_lookup_elem(&plains, &call->object);
	if ((!p || p->transport != c->wire.id) && plain__begin(&call->object, c, sk))
		return false;
	c->flags |= CONN_COVERED;
	return true;
}

/* True: the socket's own bytes are to be ignored. */
static __always_inline bool plain__covers(struct conn *c, struct sock *sk)
{
	if (!weft_layers)
		return false;
	return c->flags & CONN_COVERED || plain__cover((u64)sk);
}

#endif
