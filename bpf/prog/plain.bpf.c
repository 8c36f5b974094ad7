// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Functions that take or return the bytes of a layer above a socket, by uprobes: see
 * enum weft_layer_op. */
#include "bpf/lib/layer.bpf.h"
#include "bpf/lib/plain.bpf.h"
#include "bpf/lib/probe.bpf.h"

/* Key 0: bit i is set while a program uses cursor CURSOR_PLAIN + i of its CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} plain_cursors SEC(".maps");

/* Takes a free cursor of this CPU; CURSOR_PLAINS: there is none. */
static __always_inline u32 plain__take(u32 *used)
{
	for (u32 i = 0; i < CURSOR_PLAINS; i++) {
		u32 seen = *(volatile u32 *)used;

		if (!(seen & 1u << i) &&
		    __sync_val_compare_and_swap(used, seen, seen | 1u << i) == seen)
			return i;
	}
	return CURSOR_PLAINS;
}

/* Where the call's bytes are, and in which place of their layer. */
static __always_inline void plain__aim(struct cursor *cur, struct plain *p,
				       const struct plain_call *call, u32 n)
{
	u64 *pos = cur->dir == WEFT_DIR_TX ? &p->layer.tx_pos : &p->layer.rx_pos;

	cur->pos = *(volatile u64 *)pos;
	__sync_fetch_and_add(pos, n);
	cur->left = n;
	/* What is sent has left, and may have been read, when the function returns. */
	if (cur->dir == WEFT_DIR_TX)
		cur->age = (cur->now - call->start) / 1000;
	cur->iov.kind = IOV_BUFFER;
	cur->iov.base = call->buffer;
	cur->sk = p->sk;
	cur->object = call->object;
	if (!(p->layer.flags & LAYER_STARTED) || p->layer.last_dir != cur->dir)
		cur->flags |= WEFT_DATA_DIR_CHANGE;
}

/* n bytes have moved in the call. */
__weak int plain__moved(u32 place, u32 n, u32 dir)
{
	struct plain_call *call = plain__call();
	struct plain *p = call ? bpf_map_lookup_elem(&plains, &call->object) : NULL;
	struct cursor *cur = layer__begin(place, dir, 0);
	struct conn *c;

	if (!p || !cur)
		return 0;
	plain__aim(cur, p, call, n);
	c = conn__at(cur);
	if (!c || c->wire.id != p->transport || p->layer.flags & LAYER_IGNORED)
		return 0;
	layer__moved((struct sock *)p->sk, &p->layer, cur, place, dir, true);
	return 0;
}

static __always_inline u64 plain__count(const struct plain_call *call, u64 result)
{
	u64 n = 0;

	if (!call->moved)
		return (s32)result > 0 ? (u32)result : 0;
	if ((s32)result <= 0 || bpf_probe_read_user(&n, sizeof(n), (void *)call->moved))
		return 0;
	return n;
}

SEC("uprobe")
int probe_plain(struct pt_regs *ctx)
{
	struct plain_call call = {.object.pid = task__pid(), .start = bpf_ktime_get_ns()};
	u32 id, tid = bpf_get_current_pid_tgid();
	struct plain_call *last;
	struct fetch_regs regs;
	struct weft_probe *s;

	s = probe__of(ctx, &id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	last = plain__call();
	if (last && last->sp > regs.sp) /* the function calls another of the layer's functions */
		return 0;
	call.sp = regs.sp;
	if (fetch__value(&regs, &s->value[0], &call.object.id, false) || !call.object.id ||
	    fetch__value(&regs, &s->value[1], &call.buffer, false))
		return 0;
	fetch__value(&regs, &s->value[2], &call.moved, false);
	bpf_map_update_elem(&plain_calls, &tid, &call, BPF_ANY);
	return 0;
}

SEC("uretprobe")
int probe_plain_ret(struct pt_regs *ctx)
{
	u32 id, i, zero = 0, *used = bpf_map_lookup_elem(&plain_cursors, &zero);
	struct plain_call *call;
	struct fetch_regs regs;
	struct weft_probe *s;
	u64 n;

	s = probe__of(ctx, &id);
	call = s ? plain__call() : NULL;
	fetch__copy(&regs, ctx);
	if (!call || !used || regs.sp <= call->sp)
		return 0;
	n = plain__count(call, regs.result);
	i = n ? plain__take(used) : CURSOR_PLAINS;
	if (i < CURSOR_PLAINS) {
		plain__moved(CURSOR_PLAIN + i, n,
			     s->op == WEFT_LAYER_SEND ? WEFT_DIR_TX : WEFT_DIR_RX);
		__sync_fetch_and_and(used, ~(1u << i));
	} else if (n) {
		stat__add(WEFT_STAT_NO_CURSOR, 1);
	}
	call->sp = 0;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
