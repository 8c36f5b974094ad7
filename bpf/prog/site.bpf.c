// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Functions of engines, by uprobe: one program for each kind of site. An engine needs no
 * program of its own. */
#include "bpf/lib/site.bpf.h"

SEC("uprobe")
int site_enter(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct site_key key = {};
	struct site_frame *f;
	struct weft_site *s;
	struct thread *t;
	bool resumed;
	u32 id;

	s = site__of(ctx, &id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	site__key(&regs, s, &key);
	f = bpf_map_lookup_elem(&frames, &key);
	resumed = f && f->start && s->resumes;
	if (!resumed && !site__is_followed(&regs, s)) {
		if (f)
			f->start = 0; /* of a call left by longjmp */
		return 0;
	}
	t = site__thread(true);
	if (!t)
		return 0;
	site__unwind(t, regs.sp, key.call);
	if (site__recurs(t, &key))
		return 0;
	if (!site__push(t, &key, regs.sp, resumed ? f->number : site__number(t)) || resumed)
		return 0;
	if (!f)
		f = site__new_frame(&key);
	if (f)
		site__begin(&regs, s, t, f);
	return 0;
}

SEC("uretprobe")
int site_leave(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct site_key key = {.pid = task__pid()};
	struct site_frame *f;
	struct site_end end = {};
	struct weft_site *s;
	struct thread *t;
	bool busy;

	s = site__of(ctx, &end.id);
	t = s ? site__thread(false) : NULL;
	if (!t)
		return 0;
	fetch__copy(&regs, ctx);
	key.call = s->call;
	if (!site__pop(t, regs.sp, &key))
		return 0;
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f || !f->start || (s->resumes && (regs.result & s->result_mask) == s->resume_value))
		return 0;
	busy = f->deeds != t->deeds;
	if (site__is_told(s, f, regs.result, busy)) {
		site__read(&regs, s, f, true);
		if (s->counts)
			t->deeds++;
		end.result = regs.result;
		end.flags = busy ? WEFT_SITE_BUSY : 0;
		site__tell(s, f, &end);
	}
	f->start = 0;
	return 0;
}

SEC("uprobe")
int site_point(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct site_frame fresh = {};
	struct site_end end = {};
	struct weft_site *s;

	s = site__of(ctx, &end.id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	fresh.task_xid = task__exchange(&fresh.flags);
	site__read(&regs, s, &fresh, false);
	site__tell(s, &fresh, &end);
	return 0;
}

/* The object is given up: a call about it that was put aside is over. */
SEC("uprobe")
int site_finish(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct site_end end = {.flags = WEFT_SITE_CUT | WEFT_SITE_BUSY};
	struct site_key key = {};
	struct site_frame *f;
	struct weft_site *s;

	s = site__of(ctx, &end.id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	site__key(&regs, s, &key);
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f || !f->start)
		return 0;
	if (!site__is_orphan(f, regs.sp))
		site__tell(s, f, &end);
	f->start = 0;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
