/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 1. The current exchange of a task, and whether its process is traced. */
#ifndef WEFT_TASK_BPF_H
#define WEFT_TASK_BPF_H

#include "bpf/lib/task_id.bpf.h"

static __always_inline u32 task__pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/* bpf_get_current_task_btf() exists since 5.11 (3ca1032ab7ab); fields behind its result are
 * plain loads, without a helper call. */
static __always_inline u64 task__switches(void)
{
	struct task_struct *task;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		return bpf_get_current_task_btf()->nvcsw;
	task = (struct task_struct *)bpf_get_current_task();
	return BPF_CORE_READ(task, nvcsw);
}

/* The open file behind a descriptor; NULL: none. */
static __always_inline struct file *task__file(u32 fd)
{
	struct task_struct *task;
	const struct fdtable *table;
	struct file **slots, *file = NULL;
	u32 most;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)) {
		table = bpf_get_current_task_btf()->files->fdt;
		most = table->max_fds;
		slots = table->fd;
	} else {
		task = (struct task_struct *)bpf_get_current_task();
		table = BPF_CORE_READ(task, files, fdt);
		most = BPF_CORE_READ(table, max_fds);
		slots = BPF_CORE_READ(table, fd);
	}
	if (fd < most)
		bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
	return file;
}

static __always_inline bool task__denied(u32 pid)
{
	u32 *decision;

	if (pid == cfg_self_pid)
		return true;
	decision = bpf_map_lookup_elem(&targets, &pid);
	return decision && *decision == WEFT_TARGET_IGNORE;
}

static __always_inline struct task_exchange *task__find(u64 task)
{
	struct task_key key = {.id = task, .pid = task__pid()};
	u32 tid = bpf_get_current_pid_tgid();

	return task ? bpf_map_lookup_elem(&runtime_tasks, &key) : bpf_map_lookup_elem(&tasks, &tid);
}

/* The current exchange of a task of this process, or of the calling thread (0). Sets
 * WEFT_DATA_NO_SLEEP if the thread has not slept since. */
static __always_inline u64 task__exchange(u64 task, u8 *flags)
{
	struct task_exchange *t = task__find(task);

	if (!t || !t->exchange_id)
		return 0;
	if (t->nvcsw == task__switches())
		*flags |= WEFT_DATA_NO_SLEEP;
	return t->exchange_id;
}

static __always_inline long task__add(u64 task, const struct task_exchange *t)
{
	struct task_key key = {.id = task, .pid = task__pid()};
	u32 tid = bpf_get_current_pid_tgid();

	return task ? bpf_map_update_elem(&runtime_tasks, &key, t, BPF_ANY)
		    : bpf_map_update_elem(&tasks, &tid, t, BPF_ANY);
}

/* exchange_id 0: what the task works on is unknown. */
__weak int task__set_exchange(u64 task, u64 exchange_id)
{
	struct task_exchange *t = task__find(task);
	struct task_exchange fresh;

	if (t) {
		t->exchange_id = exchange_id;
		t->nvcsw = task__switches();
		return 0;
	}
	if (!exchange_id)
		return 0;
	fresh.exchange_id = exchange_id;
	fresh.nvcsw = task__switches();
	if (task__add(task, &fresh))
		stat__add(WEFT_STAT_DROP_TASK, 1);
	return 0;
}

#endif
