// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets with tracepoints: sock_{send,recv}_length (6.3, 6e6eda44b939) after the call, for every
 * family; tcp_sendmsg_locked (6.16) before TCP bytes leave. The latter's skb argument may be
 * NULL, although its type does not say so, and is never read. */
#define WEFT_TYPED
#include "bpf/lib/sock.bpf.h"

SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(tp_tcp_sending, struct sock *sk, struct msghdr *msg)
{
	sock__sending(CURSOR_TP_SENDING, sk, msg);
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(tp_sent, struct sock *sk, int ret, int flags)
{
	sock__sent(CURSOR_TP_SENT, sk, ret);
	return 0;
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(tp_received, struct sock *sk, int ret, int flags)
{
	sock__received(CURSOR_TP_RECVD, sk, ret, flags);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
