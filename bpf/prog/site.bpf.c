// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Functions of engines, by uprobe. What to read and when to tell is in the map "sites",
 * the probe's cookie is the key: an engine needs no program of its own. */
#include "bpf/lib/file.bpf.h"

/* Written by user space before the probe that uses it is attached. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEFT_SITES);
	__type(key, u32);
	__type(value, struct weft_site);
} sites SEC(".maps");

/* Calls of each site that was reached, by site. Read by user space: a symbol is trusted only
 * if it is called. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEFT_SITES);
	__type(key, u32);
	__type(value, u64);
} site_hits SEC(".maps");

struct site_key {
	u64 who; /* tid, or the object the call is about, of this process */
	u32 call;
	u32 pid;
};

/* A call under way. */
struct site_frame {
	u64 start;
	u64 task_xid;
	u64 deeds; /* of the thread when the call began */
	u64 value[WEFT_SITE_VALUES];
	u32 missing;
	u8 flags;
	u8 text_len;
	u8 pad[2];
	char text[WEFT_SITE_TEXT];
};
/* Deleted at the end of the call. A call left by longjmp is replaced by the next one. Full:
 * the least recently used call is not told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct site_key);
	__type(value, struct site_frame);
} frames SEC(".maps");

/* Key: the thread and a call that is keyed by an object. Value: the object, which the return
 * does not know. Deleted there. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct site_key);
	__type(value, u64);
} objects SEC(".maps");

/* Copied, for the verifier wants constant offsets into the context. */
struct site_regs {
	u64 argument[6];
	u64 code;
	u64 result;
};

static __always_inline void site__copy(struct site_regs *out, const struct pt_regs *regs)
{
	out->argument[0] = regs->di;
	out->argument[1] = regs->si;
	out->argument[2] = regs->dx;
	out->argument[3] = regs->cx;
	out->argument[4] = regs->r8;
	out->argument[5] = regs->r9;
	out->code = regs->ip;
	out->result = regs->ax;
}

static __always_inline u64 site__argument(const struct site_regs *regs, u32 i)
{
	return i < 6 ? regs->argument[i] : 0;
}

/* Follows the pointers; false: unreadable. */
static __always_inline bool site__address(const struct site_regs *regs, const struct weft_fetch *f,
					  u64 *out)
{
	u64 v = 0;

	if (f->from == WEFT_FETCH_ARG)
		v = site__argument(regs, f->index);
	else if (f->from == WEFT_FETCH_CODE)
		v = regs->code;
	else if (f->from == WEFT_FETCH_RETURN)
		v = regs->result;
	v += f->add[0];
	for (u32 i = 0; i < WEFT_FETCH_STEPS && i < f->steps; i++) {
		if (bpf_probe_read_user(&v, sizeof(v), (void *)v) || !v)
			return false;
		v += f->add[i + 1];
	}
	*out = v;
	return true;
}

__subprogram int site__value(const struct site_regs *regs, const struct weft_fetch *f, u64 *out)
{
	u64 v;

	*out = 0;
	if (!site__address(regs, f, &v))
		return -1;
	if (!f->size) {
		*out = v;
		return 0;
	}
	switch (f->size) {
	case 1:
		return bpf_probe_read_user(out, 1, (void *)v);
	case 2:
		return bpf_probe_read_user(out, 2, (void *)v);
	case 4:
		return bpf_probe_read_user(out, 4, (void *)v);
	default:
		return bpf_probe_read_user(out, 8, (void *)v);
	}
}

/* Reads what the site asks for. from: which fetches are due, arguments or results. */
__subprogram int site__read(const struct site_regs *regs, const struct weft_site *s,
			    struct site_frame *f, bool returned)
{
	u64 v;
	long n;

	for (u32 i = 0; i < WEFT_SITE_VALUES; i++) {
		if (s->value[i].from == WEFT_FETCH_NONE ||
		    (s->value[i].from == WEFT_FETCH_RETURN) != returned)
			continue;
		if (site__value(regs, &s->value[i], &v))
			f->missing |= 1u << i;
		f->value[i] = v;
	}
	if (s->text.from == WEFT_FETCH_NONE || (s->text.from == WEFT_FETCH_RETURN) != returned ||
	    !site__address(regs, &s->text, &v))
		return 0;
	n = bpf_probe_read_user_str(f->text, sizeof(f->text), (void *)v);
	f->text_len = n > 0 ? n - 1 : 0;
	return 0;
}

static __always_inline struct weft_site *site__of(void *ctx, u32 *id)
{
	struct weft_site *s;
	u64 *hits;

	*id = bpf_get_attach_cookie(ctx);
	s = bpf_map_lookup_elem(&sites, id);
	if (!s || task__denied(task__pid()))
		return NULL;
	hits = bpf_map_lookup_elem(&site_hits, id);
	if (hits)
		(*hits)++;
	return s;
}

static __always_inline void site__key(const struct site_regs *regs, const struct weft_site *s,
				      struct site_key *key)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();

	key->pid = pid_tgid >> 32;
	key->who = s->keyed ? site__argument(regs, s->keyed - 1) : (u32)pid_tgid;
	key->call = s->call;
}

static __always_inline u64 site__deeds(void)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 *n = bpf_map_lookup_elem(&deeds, &tid);

	return n ? *n : 0;
}

struct site_end {
	u64 result;
	u32 id;
	u8 flags;
};

__subprogram int site__tell(const struct weft_site *s, const struct site_frame *f,
			    const struct site_end *end)
{
	void *ring = emit__ring();
	struct weft_ev_site *e = ring ? bpf_ringbuf_reserve(ring, sizeof(*e), 0) : NULL;

	if (!e) {
		stat__add(WEFT_STAT_DROP_RING, 1);
		return 0;
	}
	emit__head(&e->h, WEFT_EV_SITE, sizeof(*e), bpf_ktime_get_ns());
	e->start = f->start ? f->start : e->h.time;
	e->task_xid = f->task_xid;
	e->result = end->result;
	e->site = end->id;
	e->missing = f->missing | s->absent;
	e->flags = f->flags | end->flags;
	e->text_len = f->text_len;
	e->engine = s->engine;
	e->number = s->number;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	__builtin_memcpy(e->value, f->value, sizeof(e->value));
	__builtin_memcpy(e->text, f->text, sizeof(e->text));
	emit__submit(e);
	return 0;
}

static __always_inline void site__note_object(const struct site_key *key)
{
	struct site_key thread = *key;

	thread.who = (u32)bpf_get_current_pid_tgid();
	bpf_map_update_elem(&objects, &thread, &key->who, BPF_ANY);
}

/* The key of the call that returns; false: its beginning was not seen. */
static __always_inline bool site__key_of_return(const struct weft_site *s, struct site_key *key)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();
	u64 *object, who;

	key->pid = pid_tgid >> 32;
	key->call = s->call;
	key->who = (u32)pid_tgid;
	if (!s->keyed)
		return true;
	object = bpf_map_lookup_elem(&objects, key);
	if (!object)
		return false;
	who = *object;
	bpf_map_delete_elem(&objects, key);
	key->who = who;
	return true;
}

SEC("uprobe")
int site_enter(struct pt_regs *ctx)
{
	struct site_regs regs;
	struct site_frame fresh = {};
	struct site_key key = {};
	struct weft_site *s;
	u32 id;

	s = site__of(ctx, &id);
	if (!s)
		return 0;
	site__copy(&regs, ctx);
	site__key(&regs, s, &key);
	if (s->keyed)
		site__note_object(&key);
	if (s->resumes && bpf_map_lookup_elem(&frames, &key))
		return 0;
	fresh.start = bpf_ktime_get_ns();
	fresh.task_xid = task__exchange(&fresh.flags);
	fresh.deeds = site__deeds();
	site__read(&regs, s, &fresh, false);
	bpf_map_update_elem(&frames, &key, &fresh, BPF_ANY);
	return 0;
}

static __always_inline bool site__is_told(const struct weft_site *s, u64 result, bool busy)
{
	if ((s->only & WEFT_ONLY_BUSY) && !busy)
		return false;
	return !(s->only & WEFT_ONLY_RESULT) || (result & s->result_mask) == s->result_value;
}

SEC("uretprobe")
int site_leave(struct pt_regs *ctx)
{
	struct site_regs regs;
	struct site_key key = {};
	struct site_frame *f;
	struct site_end end = {};
	struct weft_site *s;
	bool busy;

	s = site__of(ctx, &end.id);
	if (!s || !site__key_of_return(s, &key))
		return 0;
	site__copy(&regs, ctx);
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f || (s->resumes && (regs.result & s->result_mask) == s->resume_value))
		return 0;
	busy = f->deeds != site__deeds();
	if (site__is_told(s, regs.result, busy)) {
		site__read(&regs, s, f, true);
		if (s->counts)
			file__deed();
		end.result = regs.result;
		end.flags = busy ? WEFT_SITE_BUSY : 0;
		site__tell(s, f, &end);
	}
	bpf_map_delete_elem(&frames, &key);
	return 0;
}

SEC("uprobe")
int site_point(struct pt_regs *ctx)
{
	struct site_regs regs;
	struct site_frame fresh = {};
	struct site_end end = {};
	struct weft_site *s;

	s = site__of(ctx, &end.id);
	if (!s)
		return 0;
	site__copy(&regs, ctx);
	fresh.task_xid = task__exchange(&fresh.flags);
	site__read(&regs, s, &fresh, false);
	site__tell(s, &fresh, &end);
	return 0;
}

/* A call that was put aside is over: its object is given up. */
SEC("uprobe")
int site_finish(struct pt_regs *ctx)
{
	struct site_regs regs;
	struct site_end end = {.flags = WEFT_SITE_CUT | WEFT_SITE_BUSY};
	struct site_key key = {};
	struct site_frame *f;
	struct weft_site *s;

	s = site__of(ctx, &end.id);
	if (!s)
		return 0;
	site__copy(&regs, ctx);
	site__key(&regs, s, &key);
	f = bpf_map_lookup_elem(&frames, &key);
	if (!f)
		return 0;
	site__tell(s, f, &end);
	bpf_map_delete_elem(&frames, &key);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
