/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 5. Calls of probed functions. The map "probes" says what to read and when to report; its
 * key is the probe's cookie. */
#ifndef WEFT_PROBE_BPF_H
#define WEFT_PROBE_BPF_H

#include "bpf/lib/fetch.bpf.h"
#include "bpf/lib/file.bpf.h"
#include "bpf/lib/frame.bpf.h"

/* Key: number of the probe. Written by user space before the probe is attached, reused after it
 * is detached. Full: user space attaches no more probes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEFT_PROBES);
	__type(key, u32);
	__type(value, struct weft_probe);
} probes __weak SEC(".maps");

/* Key: number of the probe; value: how often it was hit; a call is counted at its entry. Written by
 * programs, read by user space, which trusts a symbol only if it is called. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEFT_PROBES);
	__type(key, u32);
	__type(value, u64);
} probe_hits __weak SEC(".maps");

/* Reads the probe's values. returned: those due at the return, else those at entry. */
__subprogram int probe__values(const struct fetch_regs *regs, const struct weft_probe *s,
			       struct probe_frame *f, bool returned)
{
	for (u32 i = 0; i < WEFT_PROBE_VALUES && i < s->values; i++) {
		const struct weft_fetch *v = &s->value[i];

		if (v->three && i + 2 < WEFT_PROBE_VALUES)
			f->missing |= 7u * fetch__three(regs, v, (void *)&f->value[i], returned)
				      << i;
		else
			f->missing |= (u32)fetch__value(regs, v, &f->value[i], returned) << i;
	}
	return 0;
}

__subprogram int probe__text(const struct fetch_regs *regs, const struct weft_probe *s,
			     struct probe_frame *f, bool returned)
{
	u64 v = 0;
	int due;
	long n;

	due = fetch__address(regs, &s->text, &v, returned);
	if (due == FETCH_NULL)
		f->flags |= WEFT_PROBE_NO_TEXT;
	if (due <= 0)
		return 0;
	if (s->long_text) {
		f->text_at = v;
		return 0;
	}
	n = bpf_probe_read_user_str(f->text, sizeof(f->text), (void *)v);
	f->text_len = n > 0 ? n - 1 : 0;
	return 0;
}

static __always_inline struct weft_probe *probe__row(void *ctx, u32 *id)
{
	*id = bpf_get_attach_cookie(ctx);
	return bpf_map_lookup_elem(&probes, id);
}

static __always_inline void probe__count(u32 id)
{
	u64 *hits = bpf_map_lookup_elem(&probe_hits, &id);

	if (hits)
		(*hits)++;
}

/* NULL: the process is not to be traced. */
static __always_inline struct weft_probe *probe__of(void *ctx, u32 *id)
{
	struct weft_probe *s = probe__row(ctx, id);

	if (!s || task__denied(task__pid()))
		return NULL;
	probe__count(*id);
	return s;
}

struct probe_end {
	u64 result;
	u32 id;
	u8 flags;
};

static __always_inline void probe__fill(struct weft_ev_probe *e, const struct weft_probe *s,
					const struct probe_frame *f, const struct probe_end *end)
{
	emit__head(&e->h, WEFT_EV_PROBE, sizeof(*e), bpf_ktime_get_ns());
	e->start = f->start ? f->start : e->h.time;
	e->current_exchange = f->current_exchange;
	e->task = f->task;
	e->result = end->result;
	e->probe = end->id;
	e->missing = f->missing | s->absent;
	e->flags = f->flags | end->flags;
	e->target_kind = s->target_kind;
	e->target = s->target;
	e->number = s->number;
	e->text_len = f->text_len;
	e->call = f->number;
	e->within = f->within;
	__builtin_memcpy(e->value, f->value, sizeof(e->value));
	__builtin_memcpy(e->text, f->text, sizeof(e->text));
}

/* The text is copied straight into the record, because a frame could not hold it. */
__subprogram int probe__emit_long(const struct weft_probe *s, const struct probe_frame *f,
				  const struct probe_end *end)
{
	struct {
		struct weft_ev_probe head;
		char more[WEFT_PROBE_LONG_TEXT - WEFT_PROBE_TEXT];
	} * r;
	long n;

	r = emit__reserve(sizeof(*r));
	if (!r)
		return 0;
	probe__fill(&r->head, s, f, end);
	n = bpf_probe_read_user_str((char *)r + __builtin_offsetof(struct weft_ev_probe, text),
				    WEFT_PROBE_LONG_TEXT, (void *)f->text_at);
	r->head.text_len = n > 0 ? n - 1 : 0;
	if (n > WEFT_PROBE_TEXT)
		r->head.h.size += n - 1 - WEFT_PROBE_TEXT;
	emit__submit(r);
	return 0;
}

__subprogram int probe__emit(const struct weft_probe *s, const struct probe_frame *f,
			     const struct probe_end *end)
{
	struct weft_ev_probe *e;

	if (f->text_at)
		return probe__emit_long(s, f, end);
	e = emit__reserve(sizeof(*e));
	if (!e)
		return 0;
	probe__fill(e, s, f, end);
	emit__submit(e);
	return 0;
}

/* Tests WEFT_ONLY_VALUE, which is known at entry. */
static __always_inline bool probe__is_followed(const struct fetch_regs *regs,
					       const struct weft_probe *s)
{
	u32 i = s->only_index;
	u64 v = 0;

	if (!(s->only & WEFT_ONLY_VALUE))
		return true;
	return i < WEFT_PROBE_VALUES && !fetch__value(regs, &s->value[i], &v, false) &&
	       v == s->only_value;
}

/* Values due at the return need no reset here: they are read each time before they are used. */
static __always_inline void probe__begin(const struct fetch_regs *regs, const struct weft_probe *s,
					 const struct thread *t, struct probe_frame *f)
{
	u8 flags = 0;

	f->start = bpf_ktime_get_ns();
	f->code = regs->code;
	f->task = task_id__current();
	f->current_exchange = task__exchange(f->task, &flags);
	f->flags = flags;
	f->number = t->numbers;
	f->within = probe__around(t);
	f->io_count = t->io_count;
	f->text_at = 0;
	f->text_len = 0;
	f->missing = 0;
	probe__values(regs, s, f, false);
	probe__text(regs, s, f, false);
}

/* WEFT_OR_EQUAL. Values that could not be read are 0. */
static __always_inline bool probe__is_equal(const struct weft_probe *s, const struct probe_frame *f)
{
	u32 a = s->equal[0], b = s->equal[1];

	return (s->only & WEFT_OR_EQUAL) && a < WEFT_PROBE_VALUES && b < WEFT_PROBE_VALUES &&
	       f->value[a] && f->value[a] == f->value[b];
}

/* flags: WEFT_PROBE_BUSY, _SLEPT. Reads the values due at the return, unless they do not matter. */
static __always_inline bool probe__is_reported(const struct fetch_regs *regs,
					       const struct weft_probe *s, struct probe_frame *f,
					       u8 flags)
{
	u8 enough = WEFT_PROBE_BUSY | (s->only & WEFT_OR_SLEPT ? WEFT_PROBE_SLEPT : 0);
	bool idle = (s->only & WEFT_ONLY_BUSY) && !(flags & enough);

	if ((s->only & WEFT_ONLY_RESULT) && (regs->result & s->result_mask) != s->result_value)
		return false;
	if (idle && !(s->only & WEFT_OR_EQUAL))
		return false;
	probe__values(regs, s, f, true);
	return !idle || probe__is_equal(s, f);
}

#endif
