// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The files that a process maps executable, each with its inode. For a file on overlayfs the
 * mapping has the inode of the lower or upper file system, which is what probes attach to; no
 * path and no stat(2) shows it. Needs 5.12. */
#include "bpf/abi/weft_code.h"
#include "bpf/lib/maps.bpf.h"

u32 weft_code_of = 0; /* tgid of the process; before 6.1 all processes are iterated */

SEC("iter/task_vma")
int code_map(struct bpf_iter__task_vma *ctx)
{
	struct vm_area_struct *vma = ctx->vma;
	struct task_struct *task = ctx->task;
	struct weft_code code = {};
	u64 entry;

	if (!task || !vma || (u32)task->tgid != weft_code_of || !(vma->vm_flags & VM_EXEC))
		return 0;
	code.inode = (u64)BPF_CORE_READ(vma, vm_file, f_inode);
	if (!code.inode)
		return 0;
	code.start = vma->vm_start;
	entry = BPF_CORE_READ(vma, vm_mm, start_code);
	code.program = entry >= code.start && entry < vma->vm_end;
	bpf_seq_write(ctx->meta->seq, &code, sizeof(code));
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
