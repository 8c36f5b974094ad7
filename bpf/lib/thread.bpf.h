/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 2. What is kept of a thread that calls probed functions or works on logs: all in one map
 * entry, because each look-up of an entry that is not in the cache costs more than using it. */
#ifndef WEFT_THREAD_BPF_H
#define WEFT_THREAD_BPF_H

#include "bpf/lib/task.bpf.h"

#define THREAD_NEST 4 /* nested probed calls; deeper ones are not followed */

struct thread_call {
	u64 sp;	 /* of the caller: nothing deeper on the stack outlives the call */
	u64 who; /* the object the call works on, unknown at its return; or the tid */
	u32 call;
	u16 number;   /* of this call on its thread */
	u16 switches; /* low bits of the thread's voluntary switches when it began */
};

/* A system call on a file in progress. */
struct file_call {
	u64 start;
	u64 file;
	u16 nr; /* 0: none */
	u8 use;
	u8 flags; /* WEFT_IO_SLEPT */
	u8 pad[4];
};

/* A call in progress, or an unused frame. */
struct probe_frame {
	u64 start; /* 0: unused */
	u64 code;  /* address of the probe at the entry: from there, late values are found */
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

struct thread {
	u64 decided;  /* see thread__denied */
	u64 io_count; /* log operations and waits: a call during which this changes is busy */
	u32 depth;
	u16 numbers; /* number of the last call */
	u16 pad;
	struct file_call file;
	struct thread_call within[THREAD_NEST]; /* the outermost first */
	struct probe_frame outermost;		/* its frame, unless it has a key of its own */
};
/* Key tid. Written by programs, in place, because this happens for each row of a query. Never
 * deleted. Full: the least recently used one is evicted; its calls in progress look idle or are
 * not reported. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct thread);
} threads __weak SEC(".maps");

/* NULL: nothing is kept of the calling thread. */
static __always_inline struct thread *thread__find(void)
{
	u32 tid = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&threads, &tid);
}

/* Too large for the stack. */
static const struct thread thread_fresh = {};

static __always_inline struct thread *thread__add(void)
{
	u32 tid = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&threads, &tid, &thread_fresh, BPF_ANY);
	return bpf_map_lookup_elem(&threads, &tid);
}

/* Is the process not to be traced? t: of the calling thread, or NULL. The answer is looked up only
 * after a decision has changed; one word holds the decisions' generation, the tgid and the
 * answer. */
static __always_inline bool thread__denied(struct thread *t)
{
	u32 pid = task__pid();
	u64 asked = (u64)weft_decisions << 32 | (u64)pid << 1;

	if (!t)
		return task__denied(pid);
	if ((t->decided & ~1ull) != asked)
		t->decided = asked | task__denied(pid);
	return t->decided & 1;
}

/* The calling thread's entry, made if there is none; NULL: the process is not to be traced. */
static __always_inline struct thread *thread__traced(void)
{
	struct thread *t = thread__find();

	if (thread__denied(t))
		return NULL;
	return t ? t : thread__add();
}

/* Has the thread slept since it began this call? */
static __always_inline bool thread__slept(const struct thread_call *since)
{
	return since->switches != (u16)task__switches();
}

/* The innermost probed call; NULL: none. */
static __always_inline struct thread_call *thread__call(struct thread *t)
{
	u32 last = t->depth - 1;

	return last < THREAD_NEST ? &t->within[last] : NULL;
}

#endif
