// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What asks for more: a log that is written while file operations are not hooked, and a library
 * that is mapped. Neither costs a system call that does not write a file or map memory. */
#include "bpf/lib/file.bpf.h"

/* User space hooks file operations when it is told of the file. The name is not put into "files":
 * the operations announce it, with the flags that it was opened with. */
static __always_inline struct written_name *news__of(const struct file_meeting *m)
{
	u32 pattern = file__pattern(m->key.dentry);
	struct written_name name = {};

	if (pattern < WEFT_PATTERNS && cfg_pattern[pattern].use != WEFT_FILE_LIBRARY)
		name.asked = weft_asked + 1;
	if (name.asked && (task__denied(task__pid()) ||
			   !file__announce(m, conn__new_id(bpf_ktime_get_ns()), pattern)))
		return NULL; /* the next write tries again */
	bpf_map_update_elem(&written_names, &m->key, &name, BPF_ANY);
	return bpf_map_lookup_elem(&written_names, &m->key);
}

/* For any file system: the first write to a file changes its times, each page its content. */
SEC("tp_btf/writeback_mark_inode_dirty")
int BPF_PROG(file_changed, struct inode *inode)
{
	struct file_meeting m = {.inode = inode, .fd = -1};
	struct hlist_node *alias;
	struct written_name *name;

	if (weft_file_calls || !file__regular(inode))
		return 0;
	alias = BPF_CORE_READ(inode, i_dentry.first);
	if (!alias)
		return 0; /* it is being created */
	alias = (void *)alias - bpf_core_field_offset(struct dentry, d_u.d_alias);
	if (!file__key(&m.key, (const struct dentry *)alias))
		return 0;
	name = bpf_map_lookup_elem(&written_names, &m.key);
	if (!name || (name->asked && name->asked != weft_asked + 1))
		name = news__of(&m);
	if (!name || !name->asked || task__denied(task__pid()))
		return 0;
	__sync_fetch_and_add(&name->changes, 1);
	stat__add(WEFT_STAT_FILE_EARLY, 1);
	return 0;
}

/* A place is looked for only for a mapping without a given address: a loader's first one of a
 * library, which it then replaces in part by what can be executed. */
SEC("tp_btf/vm_unmapped_area")
int BPF_PROG(file_mapping)
{
	struct file_io io = {.op = WEFT_FILE_MAP};
	struct file_state *state;
	struct pt_regs regs;

	if (!compat__user_regs(&regs) || regs.orig_ax != NR_mmap || (regs.r10 & MAP_ANONYMOUS) ||
	    (s32)regs.r8 < 0)
		return 0;
	io.fd = regs.r8;
	state = file__wanted(task__file(io.fd), io.fd);
	if (!state || state->use != WEFT_FILE_LIBRARY)
		return 0;
	io.file = state->id;
	io.start = bpf_ktime_get_ns();
	file__emit(&io);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
