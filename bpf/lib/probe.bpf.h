/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 5. Calls of probed functions. The map "probes" says what to read and when to report; its
 * key is the probe's cookie. */
#ifndef WEFT_PROBE_BPF_H
#define WEFT_PROBE_BPF_H

#include "bpf/lib/fetch.bpf.h"
#include "bpf/lib/file.bpf.h"

/* Key: number of the probe. Written by user space before the probe is attached, reused after it
 * is detached. Full: user space attaches no more probes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEFT_PROBES);
	__type(key, u32);
	__type(value, struct weft_probe);
} probes __weak SEC(".maps");

/* Key: number of the probe; value: how often it was hit. Written by programs, read by user space,
 * which trusts a symbol only if it is called. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEFT_PROBES);
	__type(key, u32);
	__type(value, u64);
} probe_hits __weak SEC(".maps");

struct probe_key {
	u64 who; /* tid, or the object that the call works on, of this process */
	u32 call;
	u32 pid;
};

/* A call in progress, or an unused frame. */
struct probe_frame {
	u64 start; /* 0: unused */
	u64 current_exchange;
	u64 task;
	u64 io_count; /* of the thread when the call began */
	u64 value[WEFT_PROBE_VALUES];
	u64 text_at; /* address of a long text, which is read when the call is reported */
	u32 missing;
	u16 number; /* of the call on its thread */
	u16 within; /* number of the enclosing call; 0: none */
	u8 flags;
	u8 pad;
	u16 text_len;
	char text[WEFT_PROBE_TEXT];
};
/* Written by programs, never deleted: the next call with the same key reuses the frame, because
 * creating and deleting frames costs more than all else in a probe. Full: the least recently used
 * one is evicted, its call is not reported. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct probe_key);
	__type(value, struct probe_frame);
} frames __weak SEC(".maps");

/* Reads the probe's values and text. returned: those due at the return, else those at entry. */
__subprogram int probe__read(const struct fetch_regs *regs, const struct weft_probe *s,
			     struct probe_frame *f, bool returned)
{
	u64 v = 0;
	int due;
	long n;

	for (u32 i = 0; i < WEFT_PROBE_VALUES && i < s->values; i++)
		f->missing |= (u32)fetch__value(regs, &s->value[i], &f->value[i], returned) << i;
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

static __always_inline struct weft_probe *probe__of(void *ctx, u32 *id)
{
	struct weft_probe *s;
	u64 *hits;

	*id = bpf_get_attach_cookie(ctx);
	s = bpf_map_lookup_elem(&probes, id);
	if (!s || task__denied(task__pid()))
		return NULL;
	hits = bpf_map_lookup_elem(&probe_hits, id);
	if (hits)
		(*hits)++;
	return s;
}

static __always_inline void probe__key(const struct fetch_regs *regs, const struct weft_probe *s,
				       struct probe_key *key)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();

	key->pid = pid_tgid >> 32;
	key->who = s->keyed ? fetch__argument(regs, s->keyed - 1) : (u32)pid_tgid;
	key->call = s->call;
}

static __always_inline struct thread *probe__thread(bool wanted)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct thread *t = bpf_map_lookup_elem(&threads, &tid);
	struct thread fresh = {};

	if (t || !wanted)
		return t;
	bpf_map_update_elem(&threads, &tid, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&threads, &tid);
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

/* Drops calls that ended without a return (longjmp): the stack is no longer as deep. Another
 * function at the same depth was reached by a jump (tail call), and stays. */
static __always_inline void probe__unwind(struct thread *t, u64 sp, u32 call)
{
	for (u32 i = 0; i < THREAD_NEST; i++) {
		u32 last = t->depth - 1;

		if (last >= THREAD_NEST || t->within[last].sp > sp ||
		    (t->within[last].sp == sp && t->within[last].call != call))
			return;
		t->depth = last;
	}
}

/* Recursion: the same function on the same object. The frame belongs to the outer call. */
static __always_inline bool probe__recurs(const struct thread *t, const struct probe_key *key)
{
	for (u32 i = 0; i < THREAD_NEST; i++)
		if (i < t->depth && t->within[i].call == key->call && t->within[i].who == key->who)
			return true;
	return false;
}

/* False: calls are nested too deeply. */
static __always_inline bool probe__push(struct thread *t, const struct probe_key *key, u64 sp,
					u16 number)
{
	u32 next = t->depth;

	if (next >= THREAD_NEST)
		return false;
	t->within[next].number = number;
	t->within[next].sp = sp;
	t->within[next].who = key->who;
	t->within[next].call = key->call;
	t->depth = next + 1;
	return true;
}

/* A number for the next call of the thread. */
static __always_inline u16 probe__number(struct thread *t)
{
	t->numbers++;
	if (!t->numbers)
		t->numbers = 1;
	return t->numbers;
}

/* Number of the call that encloses the one pushed last; 0: none. */
static __always_inline u16 probe__around(const struct thread *t)
{
	u32 last = t->depth - 2;

	return last < THREAD_NEST ? t->within[last].number : 0;
}

/* True: the call began inside a probed call that has already ended. That one has been reported,
 * with this call as a part of it. */
static __always_inline bool probe__is_orphan(const struct probe_frame *f, u64 sp)
{
	const struct thread *t = f->within ? probe__thread(false) : NULL;

	return f->within && !(t && t->depth && t->within[0].sp > sp);
}

/* Pops the call that returns and completes its key; false: its entry was not seen. */
static __always_inline bool probe__pop(struct thread *t, u64 sp, struct probe_key *key)
{
	for (u32 i = 0; i < THREAD_NEST; i++) {
		u32 last = t->depth - 1;

		if (last >= THREAD_NEST || t->within[last].sp >= sp)
			return false;
		t->depth = last;
		key->who = t->within[last].who;
		if (t->within[last].call == key->call)
			return true;
	}
	return false;
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

static __always_inline struct probe_frame *probe__new_frame(const struct probe_key *key)
{
	struct probe_frame fresh = {};

	bpf_map_update_elem(&frames, key, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&frames, key);
}

/* Values due at the return need no reset here: the return probe sets the same ones each time. */
static __always_inline void probe__begin(const struct fetch_regs *regs, const struct weft_probe *s,
					 const struct thread *t, struct probe_frame *f)
{
	u8 flags = 0;

	f->start = bpf_ktime_get_ns();
	f->task = task_id__current();
	f->current_exchange = task__exchange(f->task, &flags);
	f->flags = flags;
	f->number = t->numbers;
	f->within = probe__around(t);
	f->io_count = t->io_count;
	f->text_at = 0;
	f->text_len = 0;
	f->missing = 0;
	probe__read(regs, s, f, false);
}

/* WEFT_OR_EQUAL. Values that could not be read are 0. */
static __always_inline bool probe__is_equal(const struct weft_probe *s, const struct probe_frame *f)
{
	u32 a = s->equal[0], b = s->equal[1];

	return (s->only & WEFT_OR_EQUAL) && a < WEFT_PROBE_VALUES && b < WEFT_PROBE_VALUES &&
	       f->value[a] && f->value[a] == f->value[b];
}

static __always_inline bool probe__is_reported(const struct weft_probe *s,
					       const struct probe_frame *f, u64 result, bool busy)
{
	if ((s->only & WEFT_ONLY_BUSY) && !busy && !probe__is_equal(s, f))
		return false;
	return !(s->only & WEFT_ONLY_RESULT) || (result & s->result_mask) == s->result_value;
}

#endif
