// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The files that a process maps to execute, each by its inode. Of a file on an overlay the
 * mapping has the one below, as probes have; no path and no stat(2) tells it. Since 5.12. */
#include "bpf/abi/weft_code.h"
#include "bpf/lib/maps.bpf.h"

u32 weft_code_of = 0; /* the process asked for: before 6.1 all are iterated */

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
