/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. Recognises log files by name, and reports operations on them. */
#ifndef WEFT_FILE_BPF_H
#define WEFT_FILE_BPF_H

#include "bpf/lib/emit.bpf.h"
#include "bpf/lib/thread.bpf.h"

#define FILE_WORDS 2 /* of 8 bytes, in a weft_literal */

struct file_name {
	u64 head[FILE_WORDS];
	u64 tail[FILE_WORDS]; /* right-aligned; a shorter name has arbitrary bytes before it */
	u32 len;
};

static __always_inline void file__ends(struct file_name *out, const struct dentry *dentry)
{
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);

	out->len = BPF_CORE_READ(dentry, d_name.hash_len) >> 32;
	bpf_probe_read_kernel(out->head, sizeof(out->head), name);
	bpf_probe_read_kernel(out->tail, sizeof(out->tail), name + out->len - sizeof(out->tail));
}

/* 0: the text matches. Differences are combined, not tested one by one, because the verifier
 * walks every branch of every pattern. */
static __always_inline u64 file__unlike(const u64 *text, const volatile struct weft_literal *wanted)
{
	return ((text[0] & wanted->mask[0]) ^ wanted->text[0]) |
	       ((text[1] & wanted->mask[1]) ^ wanted->text[1]);
}

/* 0: the name is long enough. */
static __always_inline u64 file__short_of(const struct file_name *name, u64 least)
{
	return ((u64)name->len - least) >> 63;
}

/* The first pattern whose literals match; WEFT_PATTERNS: none. Global, so that its result is
 * unknown to the verifier, which otherwise walks what follows once for each pattern. */
__weak u32 file__pattern(u64 address)
{
	const struct dentry *dentry = (const struct dentry *)address;
	struct file_name name = {}, folder = {};
	u32 i;

	file__ends(&name, dentry);
	file__ends(&folder, BPF_CORE_READ(dentry, d_parent));
	for (i = 0; i < WEFT_PATTERNS; i++) {
		const volatile struct weft_pattern *p = &cfg_pattern[i];

		if (i >= cfg_patterns)
			break;
		if (!(file__short_of(&name, p->min_name) | file__short_of(&folder, p->min_folder) |
		      file__unlike(name.head, &p->head) | file__unlike(name.tail, &p->tail) |
		      file__unlike(folder.tail, &p->folder)))
			return i;
	}
	return WEFT_PATTERNS;
}

static __always_inline void file__names(struct weft_ev_file *e, const struct dentry *dentry)
{
	bpf_probe_read_kernel_str(e->name, sizeof(e->name), BPF_CORE_READ(dentry, d_name.name));
	for (u32 i = 0; i < WEFT_FOLDERS; i++) {
		dentry = BPF_CORE_READ(dentry, d_parent); /* the root's is itself */
		bpf_probe_read_kernel_str(e->folders[i], sizeof(e->folders[i]),
					  BPF_CORE_READ(dentry, d_name.name));
	}
}

struct file_meeting {
	const struct inode *inode;
	struct weft_file_key key;
	u32 fd;
	u32 flags;
};

/* False: no parent folder, so a socket, a pipe, or a file without a name. */
static __always_inline bool file__key(struct weft_file_key *key, const struct dentry *dentry)
{
	u64 adjacent[2] = {};

	key->dentry = (u64)dentry;
	if (bpf_core_field_offset(struct dentry, d_name.hash_len) ==
	    bpf_core_field_offset(struct dentry, d_parent) + sizeof(u64)) {
		bpf_probe_read_kernel(adjacent, sizeof(adjacent), &dentry->d_parent);
	} else {
		adjacent[0] = (u64)BPF_CORE_READ(dentry, d_parent);
		adjacent[1] = BPF_CORE_READ(dentry, d_name.hash_len);
	}
	key->parent = adjacent[0];
	key->name = adjacent[1];
	return key->parent != key->dentry;
}

__subprogram int file__announce(const struct file_meeting *m, u64 id, u32 pattern)
{
	struct weft_ev_file *e = emit__reserve(sizeof(*e));
	const struct inode *inode = m->inode;
	u64 row = pattern;

	if (!e)
		return 0;
	compat__at_most(row, WEFT_PATTERNS - 1); /* it is; the verifier may not know */
	emit__head(&e->h, WEFT_EV_FILE, sizeof(*e), bpf_ktime_get_ns());
	e->file = id;
	e->key = m->key;
	e->inode = BPF_CORE_READ(inode, i_ino);
	e->device = BPF_CORE_READ(inode, i_sb, s_dev);
	e->fd = m->fd;
	e->flags = m->flags;
	e->pattern = pattern;
	e->use = cfg_pattern[row].use;
	e->pad[0] = e->pad[1] = 0;
	file__names(e, (const struct dentry *)m->key.dentry);
	emit__submit_asking(e);
	return 1;
}

static __always_inline bool file__regular(const struct inode *inode)
{
	return (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFREG;
}

/* A name that is not in "files" yet. */
static __always_inline struct file_state *file__meet(const struct file_meeting *m)
{
	u32 pattern = file__regular(m->inode) ? file__pattern(m->key.dentry) : WEFT_PATTERNS;
	struct file_state fresh = {};

	if (pattern < WEFT_PATTERNS) {
		fresh.id = conn__new_id(bpf_ktime_get_ns());
		if (file__announce(m, fresh.id, pattern))
			fresh.use = cfg_pattern[pattern].use;
		else
			return NULL; /* the next operation tries again */
	}
	bpf_map_update_elem(&files, &m->key, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&files, &m->key);
}

/* The file's state if its name matches a pattern, else NULL. */
static __always_inline struct file_state *file__wanted(const struct file *file, u32 fd)
{
	struct file_meeting m = {.fd = fd};
	struct file_state *state;

	if (!file || !file__key(&m.key, BPF_CORE_READ(file, f_path.dentry)))
		return NULL;
	state = bpf_map_lookup_elem(&files, &m.key);
	if (!state) {
		m.inode = BPF_CORE_READ(file, f_inode);
		m.flags = BPF_CORE_READ(file, f_flags);
		state = file__meet(&m);
	}
	return state && state->use != WEFT_FILE_IGNORE ? state : NULL;
}

/* The thread has done log I/O, which makes the enclosing probed calls busy. Returns the number of
 * the innermost one; 0: none. */
static __always_inline u16 file__count_io(struct thread *t)
{
	struct thread_call *call = thread__call(t);

	t->io_count++;
	return call ? call->number : 0;
}

struct file_io {
	u64 file;
	u64 start;
	u64 base;	      /* user address of the bytes, 0: not to be copied */
	u64 who;	      /* pid and tid of the submitter; 0: the current task */
	u64 current_exchange; /* only with who; task too */
	u64 task;
	s64 result;
	u32 fd;
	u32 take; /* bytes at base, ≤ result */
	u16 within;
	u8 op;
	u8 flags;
	u8 pad[4];
};

static __always_inline void file__fill(struct weft_ev_file_io *e, const struct file_io *io,
				       u32 captured)
{
	u8 flags = io->flags;

	emit__head(&e->h, WEFT_EV_FILE_IO, sizeof(*e) + captured, bpf_ktime_get_ns());
	e->file = io->file;
	e->start = io->start;
	if (io->who) {
		e->h.pid = io->who >> 32;
		e->h.tid = (u32)io->who;
		e->current_exchange = io->current_exchange;
		e->task = io->task;
	} else {
		e->task = task_id__current();
		e->current_exchange = task__exchange(e->task, &flags);
	}
	e->result = io->result;
	e->fd = io->fd;
	e->captured = captured;
	e->op = io->op;
	e->flags = flags;
	e->within = io->within;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
}

/* Emits FILE_IO with the bytes of an entry. */
__subprogram int file__emit_bytes(const struct file_io *io)
{
	struct {
		struct weft_ev_file_io head;
		u8 bytes[WEFT_ENTRY_MAX];
	} * r;
	u64 n = io->take;

	r = emit__reserve(sizeof(*r));
	if (!r)
		return 0;
	compat__at_most(n, WEFT_ENTRY_MAX);
	if (n && bpf_probe_read_user(r->bytes, n, (void *)io->base)) {
		stat__add(WEFT_STAT_FAULT, 1);
		n = 0;
	}
	file__fill(&r->head, io, n);
	emit__submit(r);
	return 0;
}

/* io->within is set. */
__subprogram int file__report(const struct file_io *io)
{
	struct weft_ev_file_io *e;

	if (io->base && io->result > 0)
		return file__emit_bytes(io);
	e = emit__reserve(sizeof(*e));
	if (!e)
		return 0;
	file__fill(e, io, 0);
	if (io->op == WEFT_FILE_MAP)
		emit__submit_asking(e);
	else
		emit__submit(e);
	return 0;
}

static __always_inline void file__emit(struct file_io *io)
{
	struct thread *t = thread__find();
	u16 within = t ? file__count_io(t) : 0;

	io->within = io->who ? 0 : within;
	file__report(io);
}

#endif
