// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files with syscall tracepoints: every system call of every task runs these two programs, so
 * they test the call's number first. */
#include "bpf/lib/call.bpf.h"

SEC("tp_btf/sys_enter")
int BPF_PROG(file_enter, struct pt_regs *regs, long nr)
{
	call__enter(regs, nr);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(file_exit, struct pt_regs *regs, long ret)
{
	call__leave(regs, regs->orig_ax, ret);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
