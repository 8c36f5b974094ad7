// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets with fentry hooks. The hooked functions are called through function tables, so compilers
 * do not inline them, and their signatures have not changed since 4.1. tcp_sendmsg_locked is also
 * called by name, but it is exported and far too large to inline. It runs with the socket locked,
 * so the positions before and after it belong to this call, even if other threads send. */
#include "bpf/lib/sock.bpf.h"

SEC("fentry/tcp_sendmsg_locked")
int BPF_PROG(fe_tcp_sending, struct sock *sk, struct msghdr *msg, size_t size)
{
	sock__sending(CURSOR_FENTRY_SENDING, sk, msg);
	return 0;
}

SEC("fexit/tcp_sendmsg_locked")
int BPF_PROG(fx_tcp_sent, struct sock *sk, struct msghdr *msg, size_t size, int ret)
{
	sock__sent(CURSOR_FENTRY_SENT, sk, ret);
	return 0;
}

/* sendfile and splice; before 6.5 (removed by dc97391e6610). */
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

/* sendfile and splice; before 6.5, like tcp_sendpage. */
SEC("fexit/unix_stream_sendpage")
int BPF_PROG(fx_unix_page, struct socket *sock, void *page, int offset, size_t size, int flags,
	     int ret)
{
	sock__sent(CURSOR_FENTRY_UNIX_SENDPAGE, BPF_CORE_READ(sock, sk), ret);
	return 0;
}

SEC("fexit/unix_stream_splice_read")
int BPF_PROG(fx_unix_spliced, struct socket *sock, void *at, void *pipe, size_t size,
	     unsigned int flags, long ret)
{
	sock__received(CURSOR_FENTRY_UNIX_SPLICED, BPF_CORE_READ(sock, sk), ret, 0);
	return 0;
}

/* An MPTCP socket receives through inet_recvmsg. */
SEC("fexit/mptcp_sendmsg")
int BPF_PROG(fx_mptcp_sent, struct sock *sk, struct msghdr *msg, size_t size, int ret)
{
	sock__sent(CURSOR_FENTRY_MPTCP_SENT, sk, ret);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
