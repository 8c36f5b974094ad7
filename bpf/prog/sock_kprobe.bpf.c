// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets with kprobes. A kretprobe on a function that sleeps runs out of its few instances
 * (2 per CPU) when many readers block, so TCP receives are hooked where the bytes have just
 * been copied (tcp_cleanup_rbuf); only Unix and MPTCP sockets need the return. A call that a
 * busy kretprobe misses shows as a hole, by position. One program serves several functions
 * (see agent/kernel/hooks.cpp) and is verified once. */
#include "bpf/lib/sock.bpf.h"

/* Key tid: the socket of the call in progress. Written at entry, deleted at the return; a missed
 * return leaves an entry that the thread's next call replaces. Full: the least recently used one
 * is evicted, its call is not reported. */
struct kp_call {
	u64 sk;
	u32 flags;
	u32 pad;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct kp_call);
} kp_calls SEC(".maps");

static __always_inline void kp__enter(struct sock *sk, u32 flags)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct kp_call call = {.sk = (u64)sk, .flags = flags};

	bpf_map_update_elem(&kp_calls, &tid, &call, BPF_ANY);
}

static __always_inline struct sock *kp__leave(u32 *flags)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct kp_call *call = bpf_map_lookup_elem(&kp_calls, &tid);
	struct sock *sk;

	if (!call)
		return NULL;
	sk = (struct sock *)call->sk;
	*flags = call->flags;
	bpf_map_delete_elem(&kp_calls, &tid);
	return sk;
}

SEC("kprobe")
int BPF_KPROBE(kp_tcp_sending, struct sock *sk, struct msghdr *msg)
{
	sock__sending(CURSOR_KPROBE_SENDING, sk, msg);
	kp__enter(sk, 0);
	return 0;
}

/* Other functions whose return is hooked; the first argument is the socket. */
SEC("kprobe")
int BPF_KPROBE(kp_call, struct sock *sk)
{
	kp__enter(sk, 0);
	return 0;
}

SEC("kprobe")
int BPF_KPROBE(kp_unix_call, struct socket *sock)
{
	kp__enter(BPF_CORE_READ(sock, sk), 0);
	return 0;
}

SEC("kprobe")
int BPF_KPROBE(kp_unix_recving, struct socket *sock, struct msghdr *msg, size_t size, int flags)
{
	kp__enter(BPF_CORE_READ(sock, sk), flags);
	return 0;
}

__subprogram u32 kp__recv_flags(void)
{
	struct pt_regs regs;

	return compat__user_regs(&regs) ? iov__recv_flags(&regs) : 0;
}

/* The position of the flags argument changed in 5.19, so they come from the saved registers. */
SEC("kprobe")
int BPF_KPROBE(kp_mptcp_recv, struct sock *sk)
{
	kp__enter(sk, kp__recv_flags());
	return 0;
}

/* The return of all sending functions above. */
SEC("kretprobe")
int BPF_KRETPROBE(kr_sent, int ret)
{
	u32 flags;
	struct sock *sk = kp__leave(&flags);

	if (sk)
		sock__sent(CURSOR_KPROBE_SENT, sk, ret);
	return 0;
}

/* The return of all receiving functions above. */
SEC("kretprobe")
int BPF_KRETPROBE(kr_received, int ret)
{
	u32 flags;
	struct sock *sk = kp__leave(&flags);

	if (sk)
		sock__received(CURSOR_KPROBE_RECEIVED, sk, ret, flags);
	return 0;
}

/* Also called for MSG_PEEK, which moves no position and so reports nothing. On a socket seen for
 * the first time only the call's flags show that. */
SEC("kprobe")
int BPF_KPROBE(kp_tcp_recvd, struct sock *sk, int copied)
{
	sock__received(CURSOR_KPROBE_RECVD, sk, copied, conn__find(sk) ? 0 : kp__recv_flags());
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
