/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. The trace context of an exchange, decided before its first byte leaves, so that it can
 * be sent with it. User space follows what is announced here. */
#ifndef WEFT_CONTEXT_BPF_H
#define WEFT_CONTEXT_BPF_H

#include "bpf/lib/emit.bpf.h"

/* 1: exchanges get contexts. Set by user space before load. */
const volatile u32 cfg_contexts __weak = 0;

/* Key exchange id: see weft_exchange_context. Never deleted. Full: the least recently used one is
 * evicted; what its task sends later carries no context. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct weft_exchange_context);
} contexts __weak SEC(".maps");

static __always_inline bool context__announce(u64 exchange_id, u64 parent, u64 now,
					      const struct weft_exchange_context *context)
{
	struct weft_ev_context *e = emit__reserve(sizeof(*e));

	if (!e)
		return false;
	emit__head(&e->h, WEFT_EV_CONTEXT, sizeof(*e), now);
	e->exchange_id = exchange_id;
	e->parent = parent;
	__builtin_memcpy(e->trace_id, context->trace_id, sizeof(e->trace_id));
	e->trace_flags = context->trace_flags;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	emit__submit(e);
	return true;
}

/* A client's request begins, sent by the task: it continues the trace of the exchange that the task
 * works on, if that is certain. What cannot be announced gets no context. */
__weak int context__carry(u64 exchange_id, u64 parent, u64 task, u64 now)
{
	struct weft_exchange_context *of_parent = bpf_map_lookup_elem(&contexts, &parent);
	struct weft_exchange_context own;

	if (!of_parent || !(task || of_parent->tid == (u32)bpf_get_current_pid_tgid()))
		return 0;
	own = *of_parent;
	own.tid = 0;
	if (context__announce(exchange_id, parent, now, &own))
		bpf_map_update_elem(&contexts, &exchange_id, &own, BPF_ANY);
	return 0;
}

#endif
