// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The fentry rung. Hooks are functions called through proto_ops, so no compiler inlines
 * them, with signatures that have not changed since 4.1. */
#include "bpf/lib/sock.bpf.h"

SEC("fentry/tcp_sendmsg")
int BPF_PROG(fe_tcp_sending, struct sock *sk, struct msghdr *msg, size_t size)
{
	sock__sending(CURSOR_FENTRY_SENDING, sk, msg);
	return 0;
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(fx_tcp_sent, struct sock *sk, struct msghdr *msg, size_t size, int ret)
{
	sock__sent(CURSOR_FENTRY_SENT, sk, ret);
	return 0;
}

/* sendfile and splice before 6.5 (dc97391e6610 removed it). */
SEC("fexit/tcp_sendpage")
int BPF_PROG(fx_tcp_sendpage, struct sock *sk, void *page, int offset, size_t size, int flags,
	     int ret)
{
	sock__sent(CURSOR_FENTRY_SENDPAGE, sk, ret);
	return 0;
}

SEC("fexit/inet_recvmsg")
int BPF_PROG(fx_inet_recvd, struct socket *sock, struct msghdr *msg, size_t size, int flags,
	     int ret)
{
	sock__received(CURSOR_FENTRY_RECVD, BPF_CORE_READ(sock, sk), ret, flags);
	return 0;
}

SEC("fexit/inet6_recvmsg")
int BPF_PROG(fx_inet6_recvd, struct socket *sock, struct msghdr *msg, size_t size, int flags,
	     int ret)
{
	sock__received(CURSOR_FENTRY_RECVD6, BPF_CORE_READ(sock, sk), ret, flags);
	return 0;
}

SEC("fexit/unix_stream_sendmsg")
int BPF_PROG(fx_unix_sent, struct socket *sock, struct msghdr *msg, size_t size, int ret)
{
	sock__sent(CURSOR_FENTRY_UNIX_SENT, BPF_CORE_READ(sock, sk), ret);
	return 0;
}

SEC("fexit/unix_stream_recvmsg")
int BPF_PROG(fx_unix_recvd, struct socket *sock, struct msghdr *msg, size_t size, int flags,
	     int ret)
{
	sock__received(CURSOR_FENTRY_UNIX_RECVD, BPF_CORE_READ(sock, sk), ret, flags);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
