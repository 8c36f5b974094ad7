// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files by io_uring, which makes no system call per operation: from submission to completion,
 * attributed to the thread that submitted. */
#include "bpf/lib/file.bpf.h"

/* From the kernel's interface: enum io_uring_op. */
enum {
	OP_WRITEV = 2,
	OP_FSYNC = 3,
	OP_WRITE_FIXED = 5,
	OP_SYNC_FILE_RANGE = 8,
	OP_WRITE = 23,
};

struct uring_call {
	u64 start;
	u64 who;
	u64 current_exchange;
	u64 task;
	u8 flags;
	u8 pad[7];
};
/* Key address of the request. Written at submission, deleted at completion. Full: the least
 * recently used one is evicted, its operation is not reported. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct uring_call);
} uring_calls SEC(".maps");

static __always_inline u8 uring__op(u8 opcode)
{
	switch (opcode) {
	case OP_WRITEV:
	case OP_WRITE_FIXED:
	case OP_WRITE:
		return WEFT_FILE_WRITE;
	case OP_FSYNC:
		return WEFT_FILE_FSYNC;
	case OP_SYNC_FILE_RANGE:
		return WEFT_FILE_SYNC_RANGE;
	default:
		return 0;
	}
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(uring_submit, struct io_kiocb *req)
{
	struct uring_call call = {};
	u64 key = (u64)req;

	if (!uring__op(BPF_CORE_READ(req, opcode)) || task__denied(task__pid()))
		return 0;
	call.start = bpf_ktime_get_ns();
	call.who = bpf_get_current_pid_tgid();
	call.task = task_id__current();
	call.current_exchange = task__exchange(call.task, &call.flags);
	bpf_map_update_elem(&uring_calls, &key, &call, BPF_ANY);
	return 0;
}

/* The file is known only at completion. The third argument is the completion since 6.12; before,
 * it is the user data, and the fourth is the result (cfg_uring_cqe). */
SEC("tp_btf/io_uring_complete")
int uring_complete(u64 *ctx)
{
	struct io_kiocb *req = (struct io_kiocb *)ctx[1];
	u64 key = (u64)req;
	struct uring_call *call;
	struct file_state *state;
	struct file_io io = {.fd = ~0u};

	if (!req)
		return 0;
	call = bpf_map_lookup_elem(&uring_calls, &key);
	if (!call)
		return 0;
	io.start = call->start;
	io.who = call->who;
	io.current_exchange = call->current_exchange;
	io.task = call->task;
	io.flags = call->flags | WEFT_IO_URING;
	bpf_map_delete_elem(&uring_calls, &key);
	if (cfg_uring_cqe)
		io.result = BPF_CORE_READ((struct io_uring_cqe *)ctx[2], res);
	else
		io.result = (s32)ctx[3];
	state = file__wanted(BPF_CORE_READ(req, file), io.fd);
	if (!state)
		return 0;
	io.file = state->id;
	io.op = uring__op(BPF_CORE_READ(req, opcode));
	file__emit(&io);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
