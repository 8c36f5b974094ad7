/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 2. Connection state: one per stream socket, found by the socket's address. */
#ifndef WEFT_CONN_BPF_H
#define WEFT_CONN_BPF_H

#include "bpf/lib/task.bpf.h"

static __always_inline u16 conn__family(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family);
}

/* TCP over IPv4 or IPv6, or a Unix stream socket. */
static __always_inline bool conn__is_stream(const struct sock *sk, u16 family)
{
	if (family == AF_UNIX)
		return BPF_CORE_READ(sk, sk_type) == SOCK_STREAM;
	return (family == AF_INET || family == AF_INET6) &&
	       BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline u64 conn__inode(const struct sock *sk)
{
	struct socket *sock = BPF_CORE_READ(sk, sk_socket);

	return sock ? BPF_CORE_READ((struct socket_alloc *)sock, vfs_inode.i_ino) : 0;
}

/* A field of a kernel object, and of a socket that is TCP. Typed programs load it; others
 * ask a helper. */
#ifdef WEFT_TYPED
#define CONN_TCP(sk, field)                                                                        \
	({                                                                                         \
		const struct tcp_sock *tp = bpf_skc_to_tcp_sock((void *)(sk));                     \
		tp ? tp->field : 0;                                                                \
	})
#define CONN_READ(sk, field) ((sk)->field)
#else
#define CONN_TCP(sk, field) BPF_CORE_READ((const struct tcp_sock *)(sk), field)
#define CONN_READ(sk, field) BPF_CORE_READ(sk, field)
#endif

static __always_inline u32 conn__write_seq(const struct sock *sk)
{
	return CONN_TCP(sk, write_seq);
}

static __always_inline u32 conn__copied_seq(const struct sock *sk)
{
	return CONN_TCP(sk, copied_seq);
}

/* Has the peer's FIN arrived? It takes one sequence number, which rcv_nxt counts at once
 * and copied_seq when the process has read up to it. */
static __always_inline bool conn__fin(const struct sock *sk)
{
	return CONN_READ(sk, sk_shutdown) & RCV_SHUTDOWN;
}

static __always_inline u32 conn__rcv_nxt(const struct sock *sk)
{
	return CONN_TCP(sk, rcv_nxt);
}

/* The sequence number after the last byte the process has read. */
static __always_inline u32 conn__read_seq(const struct sock *sk)
{
	u32 seq = conn__copied_seq(sk);

	return conn__fin(sk) && seq == conn__rcv_nxt(sk) ? seq - 1 : seq;
}

/* The 64-bit position near `base` whose low half is `seq`. */
static __always_inline u64 conn__unwrap(u64 base, u32 seq)
{
	return base + (s64)(s32)(seq - (u32)base);
}

/* Somebody other than a sleeping reader waits on the socket: epoll keeps its entry in
 * the queue for as long as the socket is registered, a blocked thread only while asleep,
 * and the thread running now is awake. */
static __always_inline bool conn__watched(const struct sock *sk)
{
	struct socket_wq *wq = CONN_READ(sk, sk_wq);
	struct list_head *head;

	if (!wq)
		return false;
	head = __builtin_preserve_access_index(&wq->wait.head);
	return CONN_READ(wq, wait.head.next) != head;
}

static __always_inline u64 conn__new_id(u64 now)
{
	/* One CPU makes at most one a nanosecond. */
	return now << 8 | (bpf_get_smp_processor_id() & 0xff);
}

/* A span id, never 0: unique by its random half and the nanosecond. */
static __always_inline u64 conn__new_xid(u64 now)
{
	return ((u64)bpf_get_prandom_u32() << 32 | (u32)now) | 1;
}

__subprogram struct conn *conn__create(struct sock *sk, u16 family, u64 now, u8 role, u8 flags)
{
	struct conn c = {};
	u64 key = (u64)sk;
	long err;

	c.id = conn__new_id(now);
	c.born = now;
	c.family = family;
	c.role = role;
	c.flags = flags;
	if (family == AF_UNIX) {
		c.inode = conn__inode(sk);
		err = bpf_map_update_elem(&unix_conns, &key, &c, BPF_ANY);
	} else {
		c.tx_pos = conn__write_seq(sk);
		c.rx_pos = conn__copied_seq(sk);
		err = bpf_map_update_elem(&conns, &key, &c, BPF_ANY);
	}
	if (err) {
		stat__add(WEFT_STAT_DROP_CONN, 1);
		return NULL;
	}
	return family == AF_UNIX ? bpf_map_lookup_elem(&unix_conns, &key)
				 : bpf_map_lookup_elem(&conns, &key);
}

static __always_inline struct conn *conn__find(struct sock *sk)
{
	u64 key = (u64)sk;

	return bpf_map_lookup_elem(&conns, &key);
}

/* The state of a socket that moves bytes, made if it has none; NULL: not ours. */
static __always_inline struct conn *conn__of(struct sock *sk)
{
	struct conn *c = conn__find(sk);
	u64 key = (u64)sk;
	u16 family;

	if (c)
		return c;
	family = conn__family(sk);
	if (!conn__is_stream(sk, family))
		return NULL;
	if (family == AF_UNIX) {
		c = bpf_map_lookup_elem(&unix_conns, &key);
		if (c && c->inode == conn__inode(sk))
			return c;
	}
	return conn__create(sk, family, bpf_ktime_get_ns(), WEFT_ROLE_UNKNOWN, CONN_LATE);
}

/* Is the caller's process not wanted? Asked of the table when the process or any verdict
 * has changed since the connection's last call: sockets are inherited and passed on. One
 * word holds verdicts' generation, tgid and answer, for two processes may call at once. */
static __always_inline bool conn__denied(struct conn *c)
{
	u32 pid = task__pid();
	u64 asked = (u64)weft_verdicts << 32 | (u64)pid << 1;
	u64 judged = c->judged;

	if ((judged & ~1ull) != asked) {
		judged = asked | task__denied(pid);
		c->judged = judged;
		if (judged & 1)
			stat__add(WEFT_STAT_DENIED, 1);
	}
	return judged & 1;
}

#endif
