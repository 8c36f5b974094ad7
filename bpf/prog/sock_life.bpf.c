// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Begin and end of TCP connections, from tracepoints that every supported kernel has. */
#include "bpf/lib/emit.bpf.h"
#include "bpf/lib/left_out.bpf.h"

/* Start position of a client; large enough that no sequence number unwraps to below zero. */
#define LIFE_UNPLACED (1ull << 32)

/* Has user space heard of the connection, or of a layer above it? */
static __always_inline bool life__is_known(const struct conn *c)
{
	return c->wire.flags & LAYER_OPENED || c->flags & CONN_COVERED;
}

/* connect(): the caller's current exchange is the first request's candidate parent, for the case
 * that the thread works on another one when the connection is ready. */
static __always_inline void life__connecting(struct sock *sk)
{
	bool own = task__pid() == cfg_self_pid;
	struct conn *c = conn__create(sk, conn__family(sk), WEFT_ROLE_CLIENT, own ? CONN_OWN : 0,
				      own ? LAYER_IGNORED : 0);
	u8 flags = 0;
	u64 task = task_id__current(), exchange_id = task__exchange(task, &flags);

	if (!c)
		return;
	if (!task && (flags & WEFT_DATA_NO_SLEEP))
		c->wire.hint = exchange_id;
	c->wire.tx_pos = LIFE_UNPLACED;
}

/* Sequence numbers are chosen after SYN_SENT. Since then bytes may have been written (the SYN
 * carries some with Fast Open) and acknowledged, so the first one is computed: the oldest
 * unacknowledged number minus the acknowledged ones. The SYN counts as one. */
static __always_inline u32 life__first_sent(struct sock *sk)
{
	return CONN_TCP(sk, snd_una) - (u32)CONN_TCP(sk, bytes_acked) + 1;
}

static __always_inline void life__connected(struct sock *sk)
{
	struct conn *c = conn__find(sk);

	if (!c)
		return;
	c->begin[WEFT_DIR_TX] = life__first_sent(sk);
	c->begin[WEFT_DIR_RX] = conn__copied_seq(sk);
	if (!(c->wire.flags & LAYER_STARTED))
		c->wire.tx_pos = c->begin[WEFT_DIR_TX];
	c->wire.rx_pos = c->begin[WEFT_DIR_RX];
	if (c->flags & CONN_OWN)
		own__leave(c, OWN_CONNECTED);
}

/* Simultaneous open: both ends connected to each other, the role is not known yet. */
static __always_inline void life__crossed(struct sock *sk, struct conn *c)
{
	c->wire.role = WEFT_ROLE_UNKNOWN;
	c->wire.tx_pos = conn__write_seq(sk);
	c->wire.rx_pos = conn__copied_seq(sk);
}

static __always_inline void life__accepted(struct sock *sk)
{
	struct conn *c = conn__find(sk);

	if (c && c->wire.role == WEFT_ROLE_CLIENT && !(c->wire.flags & LAYER_STARTED)) {
		life__crossed(sk, c);
		return;
	}
	if (c && (c->flags & CONN_EARLY)) {
		c->flags &= ~CONN_EARLY;
		return;
	}
	c = conn__create(sk, conn__family(sk), WEFT_ROLE_SERVER, 0, 0);
	if (!c)
		return;
	c->begin[WEFT_DIR_TX] = c->wire.tx_pos;
	c->begin[WEFT_DIR_RX] = c->wire.rx_pos;
	if (weft_own && own__other_end(c))
		c->wire.flags |= LAYER_IGNORED;
}

static __always_inline void life__established(struct sock *sk, int old)
{
	if (old == TCP_SYN_RECV)
		life__accepted(sk);
	else
		life__connected(sk);
}

/* The state change is the only tracepoint for the end of an MPTCP socket. */
static __always_inline void life__counted(struct sock *sk, int state)
{
	u64 key = (u64)sk;
	struct conn *c;

	if (state != TCP_CLOSE)
		return;
	c = bpf_map_lookup_elem(&unix_conns, &key);
	if (!c)
		return;
	if (life__is_known(c))
		emit__close(c, WEFT_CLOSE_GONE, 0, BPF_CORE_READ(sk, sk_err));
	bpf_map_delete_elem(&unix_conns, &key);
}

/* Bytes that the peer sent before its FIN may not have been read or reported yet: user space
 * ends the direction when it has received all of them. */
static __always_inline void life__closing(struct sock *sk, u8 how)
{
	struct conn *c = conn__find(sk);
	u64 end;

	if (!c || !life__is_known(c))
		return;
	end = conn__unwrap(c->wire.rx_pos, conn__rcv_nxt(sk) - conn__fin(sk));
	emit__close(c, how, end > c->wire.rx_pos ? end : 0, BPF_CORE_READ(sk, sk_err));
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(sock_state, struct sock *sk, int old, int state)
{
	u16 protocol = BPF_CORE_READ(sk, sk_protocol);

	if (protocol == IPPROTO_MPTCP)
		life__counted(sk, state);
	if (protocol != IPPROTO_TCP)
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
	if (c->wire.flags & LAYER_LEFT_OUT)
		left_out__count(c, sk);
	if (life__is_known(c))
		emit__close(c, WEFT_CLOSE_GONE, 0, BPF_CORE_READ(sk, sk_err));
	if (weft_overrides)
		bpf_map_delete_elem(&overrides, &c->wire.id);
	bpf_map_delete_elem(&conns, &key);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
