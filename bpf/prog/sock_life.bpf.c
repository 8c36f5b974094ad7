// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Birth and end of TCP connections, from tracepoints every supported kernel has. */
#include "bpf/lib/emit.bpf.h"

/* connect(): the caller's exchange is the first request's parent, should the thread be
 * elsewhere when the connection is ready. */
static __always_inline void life__connecting(struct sock *sk)
{
	u64 now = bpf_ktime_get_ns();
	struct conn *c = conn__create(sk, conn__family(sk), now, WEFT_ROLE_CLIENT, 0);
	u8 flags = 0;
	u64 xid = task__exchange(&flags);

	if (c && (flags & WEFT_DATA_UNBROKEN))
		c->hint = xid;
}

static __always_inline void life__established(struct sock *sk, int old)
{
	struct conn *c;

	if (old == TCP_SYN_RECV) {
		conn__create(sk, conn__family(sk), bpf_ktime_get_ns(), WEFT_ROLE_SERVER, 0);
		return;
	}
	c = conn__find(sk);
	if (!c)
		return;
	c->tx_pos = conn__write_seq(sk); /* sequence numbers are chosen after SYN_SENT */
	c->rx_pos = conn__copied_seq(sk);
}

/* What the peer sent before its end may not have been read, or not been reported, yet:
 * user space ends the direction when it has heard of it all. */
static __always_inline void life__closing(struct sock *sk, u8 how)
{
	struct conn *c = conn__find(sk);
	u64 end;

	if (!c || !(c->flags & CONN_OPENED))
		return;
	end = conn__unwrap(c->rx_pos, conn__rcv_nxt(sk) - conn__fin(sk));
	emit__close(c, how, end > c->rx_pos ? end : 0, BPF_CORE_READ(sk, sk_err));
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(sock_state, struct sock *sk, int old, int state)
{
	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	switch (state) {
	case TCP_SYN_SENT:
		life__connecting(sk);
		break;
	case TCP_ESTABLISHED:
		life__established(sk, old);
		break;
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		life__closing(sk, WEFT_CLOSE_TX);
		break;
	case TCP_CLOSE_WAIT:
		life__closing(sk, WEFT_CLOSE_RX);
		break;
	case TCP_CLOSE:
		life__closing(sk, WEFT_CLOSE_TX | WEFT_CLOSE_RX);
		break;
	default:
		break;
	}
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(sock_destroy, struct sock *sk)
{
	u64 key = (u64)sk;
	struct conn *c = bpf_map_lookup_elem(&conns, &key);

	if (!c)
		return 0;
	if (c->flags & CONN_OPENED)
		emit__close(c, WEFT_CLOSE_GONE, 0, BPF_CORE_READ(sk, sk_err));
	if (weft_wishes)
		bpf_map_delete_elem(&wishes, &c->id);
	bpf_map_delete_elem(&conns, &key);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
