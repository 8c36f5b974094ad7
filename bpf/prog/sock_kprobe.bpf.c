// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kprobe rung. A kretprobe on a function that sleeps runs out of its few instances
 * (2 per CPU) with many blocked readers, so TCP receives are taken where the bytes have
 * just been copied (tcp_cleanup_rbuf), and only Unix sockets need the return. What a
 * busy kretprobe misses shows as a hole, by position. */
#include "bpf/lib/sock.bpf.h"

/* Key tid: the socket of the call under way. Deleted at the return; a return that was
 * missed leaves an entry that the thread's next call replaces. */
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

/* The return of a call that kp__enter has noted. */
#define KP_SENT(program, function, place)                                                          \
	SEC("kretprobe/" function)                                                                 \
	int BPF_KRETPROBE(program, int ret)                                                        \
	{                                                                                          \
		u32 flags;                                                                         \
		struct sock *sk = kp__leave(&flags);                                               \
                                                                                                   \
		if (sk)                                                                            \
			sock__sent(place, sk, ret);                                                \
		return 0;                                                                          \
	}
#define KP_RECEIVED(program, function, place)                                                      \
	SEC("kretprobe/" function)                                                                 \
	int BPF_KRETPROBE(program, int ret)                                                        \
	{                                                                                          \
		u32 flags;                                                                         \
		struct sock *sk = kp__leave(&flags);                                               \
                                                                                                   \
		if (sk)                                                                            \
			sock__received(place, sk, ret, flags);                                     \
		return 0;                                                                          \
	}

SEC("kprobe/tcp_sendmsg_locked")
int BPF_KPROBE(kp_tcp_sending, struct sock *sk, struct msghdr *msg)
{
	sock__sending(CURSOR_KPROBE_SENDING, sk, msg);
	kp__enter(sk, 0);
	return 0;
}

KP_SENT(kr_tcp_sent, "tcp_sendmsg_locked", CURSOR_KPROBE_SENT)

SEC("kprobe/tcp_sendpage")
int BPF_KPROBE(kp_tcp_sendpage, struct sock *sk)
{
	kp__enter(sk, 0);
	return 0;
}

KP_SENT(kr_tcp_sendpage, "tcp_sendpage", CURSOR_KPROBE_SENDPAGE)

__subprogram u32 kp__recv_flags(void)
{
	struct pt_regs regs;

	return compat__user_regs(&regs) ? iov__recv_flags(&regs) : 0;
}

/* Also called for MSG_PEEK. That moves no position and so reports nothing, but on a
 * socket seen for the first time only the call's flags tell. */
SEC("kprobe/tcp_cleanup_rbuf")
int BPF_KPROBE(kp_tcp_recvd, struct sock *sk, int copied)
{
	sock__received(CURSOR_KPROBE_RECVD, sk, copied, conn__find(sk) ? 0 : kp__recv_flags());
	return 0;
}

SEC("kprobe/unix_stream_sendmsg")
int BPF_KPROBE(kp_unix_sending, struct socket *sock)
{
	kp__enter(BPF_CORE_READ(sock, sk), 0);
	return 0;
}

KP_SENT(kr_unix_sent, "unix_stream_sendmsg", CURSOR_KPROBE_UNIX_SENT)

SEC("kprobe/unix_stream_recvmsg")
int BPF_KPROBE(kp_unix_recving, struct socket *sock, struct msghdr *msg, size_t size, int flags)
{
	kp__enter(BPF_CORE_READ(sock, sk), flags);
	return 0;
}

KP_RECEIVED(kr_unix_recvd, "unix_stream_recvmsg", CURSOR_KPROBE_UNIX_RECVD)

/* Before 6.5, like tcp_sendpage. */
SEC("kprobe/unix_stream_sendpage")
int BPF_KPROBE(kp_unix_page, struct socket *sock)
{
	kp__enter(BPF_CORE_READ(sock, sk), 0);
	return 0;
}

KP_SENT(kr_unix_page, "unix_stream_sendpage", CURSOR_KPROBE_UNIX_SENDPAGE)

SEC("kprobe/unix_stream_splice_read")
int BPF_KPROBE(kp_unix_splice, struct socket *sock)
{
	kp__enter(BPF_CORE_READ(sock, sk), 0);
	return 0;
}

KP_RECEIVED(kr_unix_spliced, "unix_stream_splice_read", CURSOR_KPROBE_UNIX_SPLICED)

SEC("kprobe/mptcp_sendmsg")
int BPF_KPROBE(kp_mptcp_send, struct sock *sk)
{
	kp__enter(sk, 0);
	return 0;
}

KP_SENT(kr_mptcp_sent, "mptcp_sendmsg", CURSOR_KPROBE_MPTCP_SENT)

/* The place of its flags has changed (5.19): the saved registers have them. */
SEC("kprobe/mptcp_recvmsg")
int BPF_KPROBE(kp_mptcp_recv, struct sock *sk)
{
	kp__enter(sk, kp__recv_flags());
	return 0;
}

KP_RECEIVED(kr_mptcp_recvd, "mptcp_recvmsg", CURSOR_KPROBE_MPTCP_RECVD)

char _license[] SEC("license") = "Dual BSD/GPL";
