// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Processes: exec, fork, exit. Reports them to user space, and maintains the map "targets". */
#include "bpf/lib/exec.bpf.h"
#include "bpf/lib/socket_call.bpf.h"

SEC("tp_btf/sched_process_exec")
int BPF_PROG(proc_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	u32 pid = task__pid();
	struct exec x = {};

	if (!bpf_map_delete_elem(&targets, &pid)) /* a new image needs a new decision */
		__sync_fetch_and_add(&weft_decisions, 1);
	if (weft_task_ids)
		bpf_map_delete_elem(&task_ids, &pid);
	exec__look(&x, task, bprm);
	exec__emit(&x);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(proc_fork, struct task_struct *parent, struct task_struct *child)
{
	u32 pid = BPF_CORE_READ(parent, tgid), child_pid = BPF_CORE_READ(child, tgid);
	struct weft_fetch *task_id;
	struct weft_ev_fork *e;
	u32 *decision;

	if (pid == child_pid)
		return 0; /* a thread */
	task_id = weft_task_ids ? bpf_map_lookup_elem(&task_ids, &pid) : NULL;
	if (task_id) /* the same program at the same addresses */
		bpf_map_update_elem(&task_ids, &child_pid, task_id, BPF_ANY);
	decision = bpf_map_lookup_elem(&targets, &pid);
	if (decision) {
		u32 inherited = *decision;

		bpf_map_update_elem(&targets, &child_pid, &inherited, BPF_ANY);
	}
	e = emit__reserve(sizeof(*e));
	if (!e)
		return 0;
	emit__head(&e->h, WEFT_EV_FORK, sizeof(*e), bpf_ktime_get_ns());
	e->child_pid = child_pid;
	e->pad = 0;
	emit__submit_asking(e);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(proc_exit, struct task_struct *task)
{
	u32 pid = BPF_CORE_READ(task, tgid), tid = BPF_CORE_READ(task, pid);
	struct weft_event *e;

	bpf_map_delete_elem(&tasks, &tid);
	socket_call__end(tid);
	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0; /* other threads still run */
	bpf_map_delete_elem(&targets, &pid);
	if (weft_task_ids)
		bpf_map_delete_elem(&task_ids, &pid);
	e = emit__reserve(sizeof(*e));
	if (!e)
		return 0;
	emit__head(e, WEFT_EV_EXIT, sizeof(*e), bpf_ktime_get_ns());
	emit__submit(e);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
