// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Processes: exec, fork, exit. Tells user space, and keeps the "targets" verdicts. */
#include "bpf/lib/emit.bpf.h"

SEC("tp_btf/sched_process_exec")
int BPF_PROG(proc_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct {
		struct weft_ev_exec e;
		u8 block[WEFT_ARGS_MAX];
	} * r;
	void *ring = emit__ring();
	u32 pid = task__pid(), args, n;
	struct mm_struct *mm;
	u64 start;

	if (!bpf_map_delete_elem(&targets, &pid)) /* a new image is judged anew */
		__sync_fetch_and_add(&weft_verdicts, 1);
	r = ring ? bpf_ringbuf_reserve(ring, sizeof(*r), 0) : NULL;
	if (!r) {
		stat__add(WEFT_STAT_DROP_RING, 1);
		return 0;
	}
	mm = BPF_CORE_READ(task, mm);
	start = BPF_CORE_READ(mm, arg_start);
	args = BPF_CORE_READ(mm, arg_end) - start;
	n = BPF_CORE_READ(mm, env_end) - start; /* arguments and environment are adjacent */
	if (n > WEFT_ARGS_MAX)
		n = WEFT_ARGS_MAX;
	if (bpf_probe_read_user(r->block, n, (void *)start))
		n = 0;
	emit__head(&r->e.h, WEFT_EV_EXEC, sizeof(r->e) + n, bpf_ktime_get_ns());
	r->e.args_len = args < n ? args : n;
	r->e.env_len = n - r->e.args_len;
	r->e.ppid = BPF_CORE_READ(task, real_parent, tgid);
	r->e.cgroup_id = bpf_get_current_cgroup_id();
	bpf_get_current_comm(r->e.comm, sizeof(r->e.comm));
	bpf_probe_read_kernel_str(r->e.path, sizeof(r->e.path), BPF_CORE_READ(bprm, filename));
	emit__submit(r);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(proc_fork, struct task_struct *parent, struct task_struct *child)
{
	u32 pid = BPF_CORE_READ(parent, tgid), child_pid = BPF_CORE_READ(child, tgid);
	struct weft_ev_fork *e;
	void *ring;
	u32 *verdict;

	if (pid == child_pid)
		return 0; /* a thread */
	verdict = bpf_map_lookup_elem(&targets, &pid);
	if (verdict) {
		u32 inherited = *verdict;

		bpf_map_update_elem(&targets, &child_pid, &inherited, BPF_ANY);
	}
	ring = emit__ring();
	e = ring ? bpf_ringbuf_reserve(ring, sizeof(*e), 0) : NULL;
	if (!e) {
		stat__add(WEFT_STAT_DROP_RING, 1);
		return 0;
	}
	emit__head(&e->h, WEFT_EV_FORK, sizeof(*e), bpf_ktime_get_ns());
	e->child_pid = child_pid;
	e->pad = 0;
	emit__submit(e);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(proc_exit, struct task_struct *task)
{
	u32 pid = BPF_CORE_READ(task, tgid), tid = BPF_CORE_READ(task, pid);
	struct weft_event *e;
	void *ring;

	bpf_map_delete_elem(&tasks, &tid);
	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0; /* other threads live */
	bpf_map_delete_elem(&targets, &pid);
	ring = emit__ring();
	e = ring ? bpf_ringbuf_reserve(ring, sizeof(*e), 0) : NULL;
	if (!e) {
		stat__add(WEFT_STAT_DROP_RING, 1);
		return 0;
	}
	emit__head(e, WEFT_EV_EXIT, sizeof(*e), bpf_ktime_get_ns());
	emit__submit(e);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
