/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 3. Probed calls in progress: which ones a thread is in, and where each has its frame. */
#ifndef WEFT_FRAME_BPF_H
#define WEFT_FRAME_BPF_H

#include "bpf/lib/fetch.bpf.h"
#include "bpf/lib/thread.bpf.h"

struct probe_key {
	u64 who; /* tid, or the object that the call works on, of this process */
	u32 call;
	u32 pid;
};

/* Frames of calls that follow an object, or are inside another one; of other calls it is in
 * "threads". Written by programs, never deleted: the next call with the same key reuses the frame,
 * because creating and deleting frames costs more than all else in a probe. Full: the least
 * recently used one is evicted, its call is not reported. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct probe_key);
	__type(value, struct probe_frame);
} frames __weak SEC(".maps");

static __always_inline void probe__key(const struct fetch_regs *regs, const struct weft_probe *s,
				       struct probe_key *key)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();

	key->pid = pid_tgid >> 32;
	key->who = s->keyed ? fetch__argument(regs, s->keyed - 1) : (u32)pid_tgid;
	key->call = s->call;
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
	t->within[next].switches = task__switches();
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
	const struct thread *t = f->within ? thread__find() : NULL;

	return f->within && !(t && t->depth && t->within[0].sp > sp);
}

/* Pops the call that returns and completes its key; NULL: its entry was not seen. Valid until the
 * next push. */
static __always_inline struct thread_call *probe__pop(struct thread *t, u64 sp,
						      struct probe_key *key)
{
	for (u32 i = 0; i < THREAD_NEST; i++) {
		u32 last = t->depth - 1;

		if (last >= THREAD_NEST || t->within[last].sp >= sp)
			return NULL;
		t->depth = last;
		key->who = t->within[last].who;
		if (t->within[last].call == key->call)
			return &t->within[last];
	}
	return NULL;
}

/* Is the frame of an outermost call part of "threads"? */
static __always_inline bool probe__of_thread(const struct weft_probe *s)
{
	return !s->keyed && !s->resumes;
}

/* The frame of the call pushed last, which is not in use. */
static __always_inline struct probe_frame *
probe__new_frame(struct thread *t, const struct weft_probe *s, const struct probe_key *key)
{
	struct probe_frame *f;

	if (probe__of_thread(s) && t->depth == 1)
		return &t->outermost;
	f = bpf_map_lookup_elem(&frames, key);
	if (f)
		return f;
	bpf_map_update_elem(&frames, key, &thread_fresh.outermost, BPF_ANY);
	return bpf_map_lookup_elem(&frames, key);
}

/* The frame of the call popped last; NULL: it was evicted. */
static __always_inline struct probe_frame *
probe__frame(struct thread *t, const struct weft_probe *s, const struct probe_key *key)
{
	struct probe_frame *f;

	f = probe__of_thread(s) && !t->depth ? &t->outermost : bpf_map_lookup_elem(&frames, key);
	return f && f->start ? f : NULL;
}

/* The suspended call that this one resumes; NULL: it begins anew. */
static __always_inline struct probe_frame *probe__suspended(const struct weft_probe *s,
							    const struct probe_key *key)
{
	struct probe_frame *f = s->resumes ? bpf_map_lookup_elem(&frames, key) : NULL;

	return f && f->start ? f : NULL;
}

#endif
