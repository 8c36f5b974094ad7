// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a runtime does with its tasks, by uprobes: see enum weft_task_op. */
#include "bpf/lib/probe.bpf.h"

static __always_inline void task_op__switch(u64 task)
{
	u32 tid = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&task_slots, &tid, &task, BPF_ANY);
}

/* Whether the current task keeps its exchange. */
static __always_inline void task_op__give(u64 task, bool keeps)
{
	u64 current = task_id__current();
	u8 unused = 0;

	task__set_exchange(task, task__exchange(current, &unused));
	if (!keeps && current != task)
		task__set_exchange(current, 0);
}

static __always_inline void task_op__end(u64 task)
{
	struct task_key key = {.id = task, .pid = task__pid()};

	bpf_map_delete_elem(&runtime_tasks, &key);
}

static __always_inline void task_op__do(const struct weft_probe *s, u64 task)
{
	if (s->op == WEFT_TASK_SWITCH)
		task_op__switch(task);
	else if (!task)
		return; /* the thread itself is no task that could be spawned or ended */
	else if (s->op == WEFT_TASK_SPAWN || s->op == WEFT_TASK_HAND)
		task_op__give(task, s->op == WEFT_TASK_SPAWN);
	else if (s->op == WEFT_TASK_END)
		task_op__end(task);
}

/* One program for entries and returns: the registers have the same form. */
SEC("uprobe")
int probe_task(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct weft_probe *s;
	u64 task = 0;
	u32 id;

	s = probe__of(ctx, &id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	if (!fetch__value(&regs, &s->value[0], &task, s->value[0].from == WEFT_FETCH_RETURN))
		task_op__do(s, task);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
