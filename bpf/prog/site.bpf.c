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
	u32 id;

	s = site__of(ctx, &id);
	if (!s)
		return 0;
	fetch__copy(&regs, ctx);
	site__key(&regs, s, &key);
	if (s->keyed)
		site__note_object(&key);
	f = bpf_map_lookup_elem(&frames, &key);
	if (f && f->start && s->resumes)
		return 0;
	if (!site__is_followed(&regs, s)) {
		if (f)
			f->start = 0; /* of a call left by longjmp */
		return 0;
	}
	if (!f)
		f = site__new_frame(&key);
	if (f)
		site__begin(&regs, s, f);
	return 0;
}

SEC("uretprobe")
int site_leave(struct pt_regs *ctx)
{
	struct fetch_regs regs;
	struct site_key key = {};
	struct site_frame *f;
	struct site_end end = {};
	struct weft_site *s;
	bool busy;

	s = site__of(ctx, &end.id);
	if (!s || !site__key_of_return(s, &key))
		return 0;
	fetch__copy(&regs, ctx);
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f || !f->start || (s->resumes && (regs.result & s->result_mask) == s->resume_value))
		return 0;
	busy = f->deeds != site__deeds();
	if (site__is_told(s, f, regs.result, busy)) {
		site__read(&regs, s, f, true);
		if (s->counts)
			file__deed();
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
	site__tell(s, f, &end);
	f->start = 0;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
