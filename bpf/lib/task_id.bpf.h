/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 1. The id of the task that a thread runs, where its program has a runtime that multiplexes
 * tasks on threads. Elsewhere the thread is the task. */
#ifndef WEFT_TASK_ID_BPF_H
#define WEFT_TASK_ID_BPF_H

#include "bpf/lib/maps.bpf.h"

/* 0 until the first entry of "task_ids": saves the look-up. Written by user space. */
u32 weft_task_ids __weak = 0;

/* Key tgid: how the id of a thread's current task is known. Written by user space when it has
 * recognised the process's runtime, deleted when the process ends or executes another program.
 * Full: the threads of the process are its tasks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct weft_fetch);
} task_ids __weak SEC(".maps");

/* Key tid: the task that the thread runs, as WEFT_TASK_SWITCH probes say. Never deleted. Full: the
 * least recently used one is evicted, its thread runs no known task until it switches again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, u64);
} task_slots __weak SEC(".maps");

static __always_inline u64 task_id__slot(void)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 *id = bpf_map_lookup_elem(&task_slots, &tid);

	return id ? *id : 0;
}

/* The value from which the path to the id starts. */
static __always_inline u64 task_id__start(const struct weft_fetch *f)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	u64 v = 0;

	if (f->from == WEFT_FETCH_TLS)
		return BPF_CORE_READ(task, thread.fsbase);
	if (f->from == WEFT_FETCH_REGISTER)
		bpf_probe_read_kernel(&v, sizeof(v),
				      compat__user_regs_at() + (f->index & 15) * sizeof(v));
	return v;
}

/* 0: the thread runs no task that its runtime names. Global: verified once, and its paths do not
 * multiply the caller's. */
__weak u64 task_id__read(void)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct weft_fetch *f = bpf_map_lookup_elem(&task_ids, &pid);
	u64 v;

	if (!f)
		return 0;
	if (f->from == WEFT_FETCH_SLOT)
		return task_id__slot();
	v = task_id__start(f) + f->add[0];
	for (u32 i = 0; i < WEFT_FETCH_STEPS && i < f->steps; i++) {
		if (bpf_probe_read_user(&v, sizeof(v), (void *)v) || !v)
			return 0;
		v += f->add[i + 1];
	}
	return v;
}

static __always_inline u64 task_id__current(void)
{
	return weft_task_ids ? task_id__read() : 0;
}

#endif
