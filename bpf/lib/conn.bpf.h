/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 2. Connection state: one per stream socket, found by the socket's address. */
#ifndef WEFT_CONN_BPF_H
#define WEFT_CONN_BPF_H

#include "bpf/lib/own.bpf.h"

static __always_inline u16 conn__family(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family);
}

enum conn_kind {
	CONN_KIND_NONE,
	CONN_KIND_TCP,
	CONN_KIND_COUNTED, /* Unix, MPTCP: no sequence numbers that both ends know */
};

/* Other kinds of streams (SCTP, SMC, vsock) are counted, not followed. */
static __always_inline enum conn_kind conn__kind(const struct sock *sk, u16 family)
{
	bool inet = family == AF_INET || family == AF_INET6;
	u16 protocol = inet ? BPF_CORE_READ(sk, sk_protocol) : 0;

	if (protocol == IPPROTO_TCP)
		return CONN_KIND_TCP;
	if (protocol == IPPROTO_UDP || BPF_CORE_READ(sk, sk_type) != SOCK_STREAM)
		return CONN_KIND_NONE;
	if (family == AF_UNIX || protocol == IPPROTO_MPTCP)
		return CONN_KIND_COUNTED;
	stat__add(WEFT_STAT_OTHER_STREAM, 1);
	return CONN_KIND_NONE;
}

/* A TCP connection that carries part of an MPTCP one; the application does not see it. */
static __always_inline bool conn__is_subflow(const struct sock *sk)
{
	const struct tcp_ulp_ops *ops;
	char name[8] = {};

	ops = BPF_CORE_READ((const struct inet_connection_sock *)sk, icsk_ulp_ops);
	if (!ops || BPF_CORE_READ_INTO(&name, ops, name))
		return false;
	return name[0] == 'm' && name[1] == 'p' && name[2] == 't' && name[3] == 'c';
}

static __always_inline u64 conn__inode(const struct sock *sk)
{
	struct socket *sock = BPF_CORE_READ(sk, sk_socket);

	return sock ? BPF_CORE_READ((struct socket_alloc *)sock, vfs_inode.i_ino) : 0;
}

/* CONN_READ: a field of a kernel object; CONN_TCP: of a TCP socket. Typed programs load it,
 * others call a helper. */
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

/* Has the peer's FIN arrived? It occupies one sequence number, which rcv_nxt counts at once
 * and copied_seq only when the process has read up to it. */
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

/* Is the socket polled? epoll keeps its entry in the wait queue for as long as the socket is
 * registered; a blocked reader has one only while it sleeps, and this thread is awake. */
static __always_inline bool conn__polled(const struct sock *sk)
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
	/* A CPU makes at most one id per nanosecond. */
	return now << 8 | (bpf_get_smp_processor_id() & 0xff);
}

/* layer_flags: of its wire. */
__subprogram struct conn *conn__create(struct sock *sk, u16 family, u8 role, u16 flags,
				       u16 layer_flags)
{
	u64 now = bpf_ktime_get_ns();
	struct conn c = {};
	u64 key = (u64)sk;
	long err;

	c.wire.id = conn__new_id(now);
	c.first_seen = now;
	c.family = family;
	c.wire.role = role;
	c.flags = flags;
	c.wire.flags = layer_flags;
	if (flags & CONN_COUNTED) {
		c.inode = conn__inode(sk);
		if (family == AF_UNIX && own__unix_peer(sk))
			c.wire.flags |= LAYER_IGNORED;
		err = bpf_map_update_elem(&unix_conns, &key, &c, BPF_ANY);
	} else {
		c.wire.tx_pos = conn__write_seq(sk);
		c.wire.rx_pos = conn__copied_seq(sk);
		if (conn__is_subflow(sk))
			c.wire.flags |= LAYER_IGNORED;
		err = bpf_map_update_elem(&conns, &key, &c, BPF_ANY);
	}
	if (err) {
		stat__add(WEFT_STAT_DROP_CONN, 1);
		return NULL;
	}
	return flags & CONN_COUNTED ? bpf_map_lookup_elem(&unix_conns, &key)
				    : bpf_map_lookup_elem(&conns, &key);
}

static __always_inline struct conn *conn__find(struct sock *sk)
{
	u64 key = (u64)sk;

	return bpf_map_lookup_elem(&conns, &key);
}

static __always_inline struct conn *conn__counted(struct sock *sk)
{
	u64 key = (u64)sk;
	struct conn *c = bpf_map_lookup_elem(&unix_conns, &key);

	return c && c->inode == conn__inode(sk) ? c : NULL;
}

/* The state of the cursor's socket, for global functions, which cannot take a pointer to it. */
static __always_inline struct conn *conn__at(const struct cursor *cur)
{
	struct conn *c;

	if (!cur)
		return NULL;
	c = bpf_map_lookup_elem(&conns, &cur->sk);
	return c ? c : bpf_map_lookup_elem(&unix_conns, &cur->sk);
}

/* The layer whose bytes are at the cursor, likewise. */
static __always_inline struct layer *layer__at(const struct cursor *cur)
{
	struct plain *plain;
	struct conn *c;

	if (!cur)
		return NULL;
	if (cur->object.id) {
		plain = bpf_map_lookup_elem(&plains, &cur->object);
		return plain ? &plain->layer : NULL;
	}
	c = conn__at(cur);
	return c ? &c->wire : NULL;
}

/* TCP Fast Open: data may come with the handshake. The server's end is then read before it is
 * established (SYN_RECV); the client's end sends while still closed, and has no state yet. */
static __always_inline struct conn *conn__met(struct sock *sk, u16 family)
{
	switch (BPF_CORE_READ(sk, __sk_common.skc_state)) {
	case TCP_CLOSE:
		return NULL;
	case TCP_SYN_RECV:
		return conn__create(sk, family, WEFT_ROLE_SERVER, CONN_EARLY, LAYER_LATE);
	default:
		return conn__create(sk, family, WEFT_ROLE_UNKNOWN, 0, LAYER_LATE);
	}
}

/* The state of a socket that moves bytes, created if it has none; NULL: not followed. */
static __always_inline struct conn *conn__of(struct sock *sk)
{
	struct conn *c = conn__find(sk);
	u16 family;

	if (c)
		return c;
	family = conn__family(sk);
	switch (conn__kind(sk, family)) {
	case CONN_KIND_TCP:
		return conn__met(sk, family);
	case CONN_KIND_COUNTED:
		c = conn__counted(sk);
		return c ? c
			 : conn__create(sk, family, WEFT_ROLE_UNKNOWN, CONN_COUNTED, LAYER_LATE);
	default:
		return NULL;
	}
}

/* Is the caller's process ignored? The map is read only when the process or any target decision
 * has changed since the connection's last call: sockets are inherited and passed on. One word
 * holds the decisions' generation, the tgid and the answer, because two processes may call at
 * once. */
static __always_inline bool conn__denied(struct conn *c)
{
	u32 pid = task__pid();
	u64 asked = (u64)weft_decisions << 32 | (u64)pid << 1;
	u64 decided = c->decided;

	if ((decided & ~1ull) != asked) {
		decided = asked | task__denied(pid);
		c->decided = decided;
		if (decided & 1)
			stat__add(WEFT_STAT_DENIED, 1);
		/* The agent reads from a peer that connected to it and has had no answer yet. */
		if (pid == cfg_self_pid && c->wire.role == WEFT_ROLE_SERVER &&
		    !(c->wire.flags & LAYER_LATE))
			own__leave(c, OWN_ACCEPTED);
	}
	return decided & 1;
}

/* Is the calling thread the only one inside a call on the socket? Where several threads or
 * processes could be, each call holds a reference to the file in addition to the descriptors'.
 * inside: the hook runs before the call drops its reference. */
static __always_inline bool conn__alone(const struct sock *sk, bool inside)
{
	struct file *file = BPF_CORE_READ(sk, sk_socket, file);
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	s64 references;

	if (!file)
		return false;
	if (bpf_core_field_exists(struct file___ref, f_ref))
		references = BPF_CORE_READ((struct file___ref *)file, f_ref.refcnt.counter) + 1;
	else
		references = BPF_CORE_READ(file, f_count.counter);
	if (inside)
		return references <= 2;
	return references <= 1 && BPF_CORE_READ(task, signal, live.counter) <= 1;
}

#endif
