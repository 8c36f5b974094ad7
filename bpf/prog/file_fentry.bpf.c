// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files with fentry hooks, on the entry points of exactly these system calls, so that other calls
 * cost nothing. The entry points get the saved registers, like the tracepoints. */
#include "bpf/lib/call.bpf.h"

#define CALL_ENTER_1(name, call)                                                                   \
	SEC("fentry/__x64_sys_" #call)                                                             \
	int BPF_PROG(fe_##name, const struct pt_regs *regs)                                        \
	{                                                                                          \
		call__enter(regs, NR_##call);                                                      \
		return 0;                                                                          \
	}

#define CALL_LEAVE_1(name, call)                                                                   \
	SEC("fexit/__x64_sys_" #call)                                                              \
	int BPF_PROG(fx_##name, const struct pt_regs *regs, long ret)                              \
	{                                                                                          \
		call__leave(regs, NR_##call, ret);                                                 \
		return 0;                                                                          \
	}

#define CALL_ENTER_0(name, call)
#define CALL_LEAVE_0(name, call)
#define CALL(name, call, number, enter, leave, optional)                                           \
	CALL_ENTER_##enter(name, call) CALL_LEAVE_##leave(name, call)

WEFT_FILE_CALLS(CALL)

char _license[] SEC("license") = "Dual BSD/GPL";
