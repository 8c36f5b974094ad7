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
	u32 id;

	s = probe__row(ctx, &id);
	t = s ? thread__find() : NULL;
	if (!s || thread__denied(t))
		return 0;
	probe__count(id);
	fetch__copy(&regs, ctx);
	probe__key(&regs, s, &key);
	if (t)
		probe__unwind(t, regs.sp, key.call);
	f = probe__suspended(s, &key);
	if (!f && !probe__is_followed(&regs, s))
		return 0;
	if (!t)
		t = thread__add();
	if (!t || probe__recurs(t, &key))
		return 0;
	if (!probe__push(t, &key, regs.sp, f ? f->number : probe__number(t)) || f)
		return 0;
	f = probe__new_frame(t, s, &key);
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
	struct thread_call *call;
	struct weft_probe *s;
	struct thread *t;

	s = probe__row(ctx, &end.id);
	t = s ? thread__find() : NULL;
	if (!t || thread__denied(t))
		return 0;
	fetch__copy(&regs, ctx);
	key.call = s->call;
	call = probe__pop(t, regs.sp, &key);
	if (!call)
		return 0;
	f = probe__frame(t, s, &key);
	if (!f || (s->resumes && (regs.result & s->result_mask) == s->resume_value))
		return 0;
	regs.code = f->code;
	end.flags = f->io_count != t->io_count ? WEFT_PROBE_BUSY : 0;
	if (!s->resumes && thread__slept(call))
		end.flags |= WEFT_PROBE_SLEPT;
	if (probe__is_reported(&regs, s, f, end.flags)) {
		probe__text(&regs, s, f, true);
		if (s->counts)
			t->io_count++;
		end.result = regs.result;
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
	probe__values(&regs, s, &fresh, false);
	probe__text(&regs, s, &fresh, false);
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
