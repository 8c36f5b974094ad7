// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Functions of engines, by uprobes: one program for each kind of probe, for all engines. */
#include "bpf/lib/probe.bpf.h"

SEC("uprobe")
int probe_enter(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct probe_key key = {};
	struct probe_frame *f;
	struct weft_probe *s;
	struct thread *t;
	bool resumed;
	u32 id;

	s = probe__of(ctx, &id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	probe__key(&regs, s, &key);
	f = bpf_map_lookup_elem(&frames, &key);
	resumed = f && f->start && s->resumes;
	if (!resumed && !probe__is_followed(&regs, s)) {
		if (f)
			f->start = 0; /* a call that ended by longjmp */
		return 0;
	}
	t = probe__thread(true);
	if (!t)
		return 0;
	probe__unwind(t, regs.sp, key.call);
	if (probe__recurs(t, &key))
		return 0;
	if (!probe__push(t, &key, regs.sp, resumed ? f->number : probe__number(t)) || resumed)
		return 0;
	if (!f)
		f = probe__new_frame(&key);
	if (f)
		probe__begin(&regs, s, t, f);
	return 0;
}

SEC("uretprobe")
int probe_leave(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct probe_key key = {.pid = task__pid()};
	struct probe_frame *f;
	struct probe_end end = {};
	struct weft_probe *s;
	struct thread *t;
	bool busy;

	s = probe__of(ctx, &end.id);
	t = s ? probe__thread(false) : NULL;
	if (!t)
		return 0;
	fetch__copy(&regs, ctx);
	key.call = s->call;
	if (!probe__pop(t, regs.sp, &key))
		return 0;
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f || !f->start || (s->resumes && (regs.result & s->result_mask) == s->resume_value))
		return 0;
	busy = f->io_count != t->io_count;
	if (probe__is_reported(s, f, regs.result, busy)) {
		probe__read(&regs, s, f, true);
		if (s->counts)
			t->io_count++;
		end.result = regs.result;
		end.flags = busy ? WEFT_PROBE_BUSY : 0;
		probe__emit(s, f, &end);
	}
	f->start = 0;
	return 0;
}

SEC("uprobe")
int probe_point(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct probe_frame fresh = {};
	struct probe_end end = {};
	struct weft_probe *s;

	s = probe__of(ctx, &end.id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	fresh.task = task_id__current();
	fresh.current_exchange = task__exchange(fresh.task, &fresh.flags);
	probe__read(&regs, s, &fresh, false);
	probe__emit(s, &fresh, &end);
	return 0;
}

/* The object is released: ends a suspended call on it. */
SEC("uprobe")
int probe_finish(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct probe_end end = {.flags = WEFT_PROBE_INTERRUPTED | WEFT_PROBE_BUSY};
	struct probe_key key = {};
	struct probe_frame *f;
	struct weft_probe *s;

	s = probe__of(ctx, &end.id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	probe__key(&regs, s, &key);
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f || !f->start)
		return 0;
	if (!probe__is_orphan(f, regs.sp))
		probe__emit(s, f, &end);
	f->start = 0;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
