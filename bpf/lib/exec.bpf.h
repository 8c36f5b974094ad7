/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. What a program gets at exec: its arguments, and the two environment variables that
 * name a service. Nothing else of the environment leaves the kernel. */
#ifndef WEFT_EXEC_BPF_H
#define WEFT_EXEC_BPF_H

#include "bpf/lib/emit.bpf.h"

#define EXEC_STRETCH 512 /* variables per call of exec__variable: bounds the verifier's walk */
#define EXEC_CALLS 8	 /* such calls: together more variables than 128 KiB hold */
/* Pointers read at once; more would exceed the stack before 6.9. */
#define EXEC_BATCH 4
#define EXEC_ARGUMENTS 128 /* of a long command line; more are left out */
#define EXEC_ARGUMENT 1024 /* bytes of each, its NUL included */

#define EXEC_FAULT ~0ull

/* The first 24 bytes of the names, as 8-byte words in memory order. */
#define EXEC_OTEL_SER 0x5245535f4c45544full /* "OTEL_SER" */
#define EXEC_VICE_NAM 0x4d414e5f45434956ull /* "VICE_NAM" */
#define EXEC_E_EQUAL 0x3d45		    /* "E=" */
#define EXEC_OTEL_RES 0x5345525f4c45544full /* "OTEL_RES" */
#define EXEC_OURCE_AT 0x54415f454352554full /* "OURCE_AT" */
#define EXEC_TRIBUTES 0x5345545542495254ull /* "TRIBUTES" */

enum { EXEC_NAME, EXEC_ATTRIBUTES, EXEC_WANTED };

/* The stack of a new program begins with, each `width` bytes: the number of arguments, pointers
 * to them, 0, pointers to the variables, 0. */
struct exec {
	u64 task; /* addresses of the kernel's structures */
	u64 bprm;
	u64 args_at; /* of the block of arguments */
	u64 args;    /* bytes */
	u64 env_end;
	u64 argv; /* tables of pointers */
	u64 envp;
	u64 argc;
	u64 envc;
	u64 width;	      /* 8, or 4 for a 32-bit program; 0: the stack has another layout */
	u64 at[EXEC_WANTED];  /* address of a wanted variable */
	u64 len[EXEC_WANTED]; /* its bytes with the NUL; 0: there is none */
	u64 unseen;	      /* 1: not all variables could be read */
};

/* Makes a value unknown to the verifier, which otherwise walks what follows once per value. */
__weak u64 exec__any(u64 value)
{
	return value;
}

/* No branches, as in all loops here: the verifier walks each outcome in every iteration. Strings
 * follow the tables, so that eight bytes can always be read, even for a 4-byte pointer. */
static __always_inline u64 exec__pointer(const struct exec *x, u64 table, u64 i)
{
	u64 p = 0, narrow = x->width >> 2 & 1;

	bpf_probe_read_user(&p, sizeof(p), (void *)(table + i * x->width));
	return p & ~(-narrow << 32);
}

/* 1: the name at p begins like a wanted one. */
static __always_inline u64 exec__may_be_wanted(u64 p)
{
	u64 head = 0, a, b;

	bpf_probe_read_user(&head, sizeof(head), (void *)p);
	a = head ^ EXEC_OTEL_SER;
	b = head ^ EXEC_OTEL_RES;
	a |= -a;
	b |= -b;
	asm volatile("" : "+r"(a), "+r"(b)); /* else the compiler emits branches */
	return ((a & b) >> 63) ^ 1;
}

/* Which of the variables whose pointers are at `at` may be wanted: one bit each. This and the next
 * functions are global: they are verified once, not in each iteration of their callers' loops. */
__weak u64 exec__batch(u64 at, u64 wide)
{
	u64 raw[EXEC_BATCH], found = 0;

	if (bpf_probe_read_user(raw, sizeof(raw), (void *)at))
		return EXEC_FAULT;
#pragma unroll
	for (u32 k = 0; k < EXEC_BATCH; k++)
		found |= exec__may_be_wanted((raw[k] & wide) | (((u32 *)raw)[k] & ~wide)) << k;
	return found;
}

/* The number of the lowest bit that is set, of four. */
static __always_inline u64 exec__lowest(u64 bits)
{
	u64 lowest = bits & -bits;

	return (lowest >> 1) - (lowest >> 3);
}

/* Searches EXEC_STRETCH variables from `from` on. Returns index << 1 | 1 of the first one whose
 * name may be wanted, else index << 1 of the first one not searched; EXEC_FAULT: they cannot be
 * read. wide: all ones if pointers have 8 bytes, else 0. */
__weak u64 exec__variable(u64 envp, u64 from, u64 count, u64 wide)
{
	u64 found, i = from;
	u64 step = (4 + (wide & 4)) * EXEC_BATCH, at = envp + from * (4 + (wide & 4));

	for (u32 batch = 0; batch < EXEC_STRETCH / EXEC_BATCH && i < count; batch++) {
		found = exec__batch(at, wide);
		if (found) {
			if (found == EXEC_FAULT)
				return EXEC_FAULT;
			i += exec__lowest(found);
			return i < count ? i << 1 | 1 : i << 1;
		}
		i += EXEC_BATCH;
		at += step;
	}
	return i << 1;
}

/* Which wanted variable is at `at`; EXEC_WANTED: none. */
__weak u64 exec__which(u64 at)
{
	u64 name[3] = {};
	u8 equal = 0;

	if (bpf_probe_read_user(name, sizeof(name), (void *)at))
		return EXEC_WANTED;
	bpf_probe_read_user(&equal, sizeof(equal), (void *)(at + sizeof(name)));
	if (name[0] == EXEC_OTEL_SER && name[1] == EXEC_VICE_NAM && (u16)name[2] == EXEC_E_EQUAL)
		return EXEC_NAME;
	if (name[0] == EXEC_OTEL_RES && name[1] == EXEC_OURCE_AT && name[2] == EXEC_TRIBUTES &&
	    equal == '=')
		return EXEC_ATTRIBUTES;
	return EXEC_WANTED;
}

static __always_inline void exec__note(struct exec *x, u64 i)
{
	u64 at = exec__pointer(x, x->envp, i);
	u64 next = i + 1 < x->envc ? exec__pointer(x, x->envp, i + 1) : x->env_end;
	u64 which = exec__which(at);

	if (next <= at)
		return;
	if (which == EXEC_NAME && !x->len[EXEC_NAME]) {
		x->at[EXEC_NAME] = at;
		x->len[EXEC_NAME] = next - at;
	}
	if (which == EXEC_ATTRIBUTES && !x->len[EXEC_ATTRIBUTES]) {
		x->at[EXEC_ATTRIBUTES] = at;
		x->len[EXEC_ATTRIBUTES] = next - at;
	}
}

static __always_inline void exec__find_variables(struct exec *x)
{
	u64 i = 0, told;

	x->unseen = 1;
	x->len[EXEC_NAME] = exec__any(0);
	x->len[EXEC_ATTRIBUTES] = exec__any(0);
	for (u32 n = 0; x->width && n < EXEC_CALLS; n++) {
		told = exec__variable(x->envp, i, x->envc, x->width == 8 ? ~0ull : 0);
		if (told == EXEC_FAULT)
			return;
		i = told >> 1;
		if (told & 1)
			exec__note(x, i++);
		if (i >= x->envc || (x->len[EXEC_NAME] && x->len[EXEC_ATTRIBUTES])) {
			x->unseen = 0;
			return;
		}
		x->len[EXEC_NAME] = exec__any(x->len[EXEC_NAME]);
		x->len[EXEC_ATTRIBUTES] = exec__any(x->len[EXEC_ATTRIBUTES]);
	}
}

static __always_inline void exec__look(struct exec *x, struct task_struct *task,
				       struct linux_binprm *bprm)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	u64 stack = BPF_CORE_READ(mm, start_stack), first = 0;

	x->task = (u64)task;
	x->bprm = (u64)bprm;
	x->args_at = BPF_CORE_READ(mm, arg_start);
	x->args = BPF_CORE_READ(mm, arg_end) - x->args_at;
	x->env_end = BPF_CORE_READ(mm, env_end);
	x->argc = (u32)BPF_CORE_READ(bprm, argc);
	x->envc = (u32)BPF_CORE_READ(bprm, envc);
	bpf_probe_read_user(&first, sizeof(first), (void *)(stack + 8));
	if (first == x->args_at) {
		x->width = 8;
	} else {
		first = 0;
		bpf_probe_read_user(&first, 4, (void *)(stack + 4));
		x->width = first == x->args_at ? 4 : 0;
	}
	x->width = exec__any(x->width);
	x->argv = stack + x->width;
	x->envp = x->argv + (x->argc + 1) * x->width;
	exec__find_variables(x);
	x->unseen = exec__any(x->unseen);
}

/* For a block that is too long: the arguments one by one, each truncated (the name of a Java class
 * may follow a class path of 100 KiB). Returns the bytes written, without the last NUL if
 * arguments are missing. */
static __always_inline u64 exec__each_argument(u8 *block, const struct exec *x, u64 most)
{
	u64 at = 0, n;
	u32 i;

	for (i = 0; i < EXEC_ARGUMENTS && i < x->argc; i++) {
		if (at > most - EXEC_ARGUMENT)
			break;
		n = bpf_probe_read_user_str(block + at, EXEC_ARGUMENT,
					    (void *)exec__pointer(x, x->argv, i));
		if (n - 1 >= EXEC_ARGUMENT) /* or an error */
			break;
		at += n;
	}
	return exec__any(at && i < x->argc ? at - 1 : at);
}

/* The variables, after the arguments; without a last NUL if a wanted one may be missing. */
static __always_inline u64 exec__environment(u8 *block, u64 at, const struct exec *x, u64 most,
					     u64 each)
{
	u64 missing = x->unseen, n;

#pragma unroll
	for (u32 k = 0; k < EXEC_WANTED; k++) {
		n = x->len[k];
		if (n > each) {
			missing = 1;
			continue;
		}
		compat__at_most(n, each);
		compat__at_most(at, most + k * each);
		if (n && bpf_probe_read_user(block + at, n, (void *)x->at[k]))
			missing = 1;
		else
			at += n;
	}
	if (missing) {
		compat__at_most(at, most + EXEC_WANTED * each);
		block[at++] = '?';
		stat__add(WEFT_STAT_ENVIRONMENT, 1);
	}
	return at;
}

static __always_inline void exec__fill(struct weft_ev_exec *e, const struct exec *x, u64 args,
				       u64 end)
{
	const struct task_struct *task = (const struct task_struct *)x->task;
	const struct linux_binprm *bprm = (const struct linux_binprm *)x->bprm;

	emit__head(&e->h, WEFT_EV_EXEC, sizeof(*e) + end, bpf_ktime_get_ns());
	e->args_len = args;
	e->env_len = end - args;
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	e->cgroup_id = bpf_get_current_cgroup_id();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_probe_read_kernel_str(e->path, sizeof(e->path), BPF_CORE_READ(bprm, interp));
}

/* Size classes: at most ARGS bytes of arguments, two variables of at most EACH bytes. Most
 * programs fit the smallest. */
#define EXEC_CLASS(ARGS, EACH)                                                                     \
	__subprogram int exec__emit_##ARGS(const struct exec *x)                                   \
	{                                                                                          \
		struct {                                                                           \
			struct weft_ev_exec e;                                                     \
			u8 block[ARGS + 2 * EACH + 8];                                             \
		} * r;                                                                             \
		u64 args = x->args, end;                                                           \
                                                                                                   \
		r = emit__reserve(sizeof(*r));                                                     \
		if (!r)                                                                            \
			return 0;                                                                  \
		if (ARGS == WEFT_ARGS_MAX && args > WEFT_ARGS_WHOLE && x->width) {                 \
			args = exec__each_argument(r->block, x, ARGS);                             \
		} else {                                                                           \
			compat__at_most(args, (ARGS < WEFT_ARGS_WHOLE ? ARGS : WEFT_ARGS_WHOLE));  \
			if (bpf_probe_read_user(r->block, args, (void *)x->args_at))               \
				args = 0;                                                          \
		}                                                                                  \
		compat__at_most(args, ARGS);                                                       \
		end = exec__environment(r->block, args, x, ARGS, EACH);                            \
		exec__fill(&r->e, x, args, end);                                                   \
		emit__submit_asking(r);                                                            \
		return 0;                                                                          \
	}

EXEC_CLASS(512, 512)
EXEC_CLASS(4096, 2048)
EXEC_CLASS(16384, 8192)

static __always_inline bool exec__fits(const struct exec *x, u64 args, u64 each)
{
	return x->args <= args && x->len[EXEC_NAME] <= each && x->len[EXEC_ATTRIBUTES] <= each;
}

static __always_inline void exec__emit(const struct exec *x)
{
	if (exec__fits(x, 512, 512))
		exec__emit_512(x);
	else if (exec__fits(x, WEFT_ARGS_WHOLE, 2048))
		exec__emit_4096(x);
	else
		exec__emit_16384(x);
}

#endif
