/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 5. What a send or receive means, the same for every rung of the ladder: the
 * hooks in bpf/prog only find the socket and call one of
 *     sock__sending   before TCP bytes leave, with the message (where such a hook exists)
 *     sock__sent      after a send, with the number of bytes taken
 *     sock__received  after a receive, with the number of bytes given
 * Positions come from the socket, so a call that was missed shows as a hole, never as
 * shifted bytes. */
#ifndef WEFT_SOCK_BPF_H
#define WEFT_SOCK_BPF_H

#include "bpf/lib/exchange.bpf.h"
#include "bpf/lib/look.bpf.h"
#include "bpf/lib/report.bpf.h"

/* Copied of every call however long the message: lets a parser see each chunk's head. */
#define SOCK_MIN_COPY 256

/* Segments without bytes before the first one with some: more, and the send is looked at
 * after it. */
#define SOCK_EMPTY_SEGMENTS 16

/* Reports the call at the cursor, as much of it as the message's budget allows. */
static __always_inline void sock__report(struct conn *c, struct cursor *cur, u32 place)
{
	u32 budget = exchange__budget(c), copied;
	u32 allowed = budget > cur->least ? budget : cur->least;

	cur->conn = c->id;
	cur->xid = c->xid;
	cur->tail = cfg_tail[c->protocol];
	cur->allowed = allowed;
	report__call(cur, place);
	copied = allowed - cur->allowed;
	c->budget = copied < budget ? budget - copied : 0;
}

/* Tells of the connection, and of what it moved before it was known. */
static __always_inline bool sock__open(struct sock *sk, struct conn *c, struct cursor *cur)
{
	struct look *look = c->flags & CONN_KEPT ? bpf_map_lookup_elem(&looks, &c->id) : NULL;

	if (!emit__open(c, sk, cur->now, look))
		return false;
	c->flags |= CONN_OPENED;
	if (look && look->len) {
		cur->conn = c->id;
		cur->xid = c->xid;
		emit__kept(report__next(cur, look->len), look);
		cur->flags &= ~WEFT_DATA_TURN;
	}
	look__forget(c);
	return true;
}

static __always_inline void sock__reported(struct conn *c, u8 dir, u64 pos)
{
	if (dir == WEFT_DIR_TX)
		c->tx_pos = pos;
	else
		c->rx_pos = pos;
}

static __always_inline void sock__moved(struct sock *sk, struct conn *c, struct cursor *cur,
					u32 place)
{
	u64 end = cur->pos + cur->left;
	u8 dir = cur->dir;
	bool known, request;

	if (!(c->flags & CONN_STARTED) || c->last_dir != dir)
		cur->flags |= WEFT_DATA_TURN;
	known = look__classify(c, cur, place);
	c->last_dir = dir;
	c->flags |= CONN_STARTED;
	if (!c->role)
		c->role = dir == WEFT_DIR_RX ? WEFT_ROLE_SERVER : WEFT_ROLE_CLIENT;
	request = dir == (c->role == WEFT_ROLE_SERVER ? WEFT_DIR_RX : WEFT_DIR_TX);
	exchange__note(sk, c, cur, request);
	if (!known || (c->flags & CONN_IGNORED)) {
		sock__reported(c, dir, end);
		return;
	}
	if (!(c->flags & CONN_OPENED) && !sock__open(sk, c, cur))
		return;
	sock__report(c, cur, place);
	sock__reported(c, dir, cur->pos);
}

/* The program's own cursor, made ready for a call. */
static __always_inline struct cursor *sock__begin(enum cursor_place place, u8 dir, u32 flags)
{
	u32 key = place;
	struct cursor *cur = bpf_map_lookup_elem(&cursors, &key);

	if (!cur) /* cannot be: the verifier asks for it */
		return NULL;
	cur->iov.kind = IOV_NONE;
	cur->iov.skip = 0;
	cur->now = bpf_ktime_get_ns();
	cur->task_xid = 0;
	cur->least = SOCK_MIN_COPY;
	cur->head_only = flags & WEFT_DATA_BEFORE;
	cur->flags = flags;
	cur->dir = dir;
	return cur;
}

/* Moves the cursor to the first segment that has bytes; can they be read? Not so: kernel
 * pages, and constants of the program that nobody has touched yet and that only the send
 * itself will page in. */
static __always_inline bool sock__readable(struct cursor *cur, u32 place)
{
	u64 base, len;
	u8 byte;

	for (u32 i = 0; i < SOCK_EMPTY_SEGMENTS; i++)
		if (!gather__empty(place))
			break;
	return iov__next(&cur->iov, &base, &len) && len &&
	       !bpf_probe_read_user(&byte, sizeof(byte), (void *)base);
}

/* Has the other of two twins (cfg_twins) seen to this call? Of a TCP call positions tell.
 * A Unix socket has none: the first to run leaves the thread's id, the second takes it
 * away. Where one did not run they change roles. */
static __always_inline bool sock__handled(struct conn *c, u8 dir)
{
	u32 tid = bpf_get_current_pid_tgid();
	bool handled = c->handled[dir] == tid;

	if (!cfg_twins)
		return false;
	c->handled[dir] = handled ? 0 : tid;
	return handled;
}

/* A state that the call under way made has its positions after the call's bytes. */
static __always_inline bool sock__placed(const struct conn *c)
{
	return (c->flags & (CONN_LATE | CONN_STARTED)) != CONN_LATE;
}

static __always_inline void sock__sending(enum cursor_place place, struct sock *sk,
					  const struct msghdr *msg)
{
	struct conn *c = conn__of(sk);
	struct compat_iter_copy iter;
	struct iov iov = {};
	struct cursor *cur;
	u64 count, pos;

	if (!c || (c->flags & CONN_IGNORED) || conn__denied(c) ||
	    !compat__read_iter(&iter, __builtin_preserve_access_index(&msg->msg_iter)))
		return;
	count = iov__from_iter(&iov, &iter);
	pos = conn__unwrap(c->tx_pos, conn__write_seq(sk));
	/* The same send goes on with its next packet, or what was refused is offered again. */
	if (pos >= c->send_pos && pos + count == c->send_end)
		return;
	c->send_pos = pos;
	c->send_end = pos + count;
	cur = sock__begin(place, WEFT_DIR_TX, WEFT_DATA_BEFORE);
	if (!cur)
		return;
	cur->iov = iov;
	if (!sock__readable(cur, place))
		return; /* sock__sent looks at those */
	cur->pos = pos;
	cur->left = count;
	sock__moved(sk, c, cur, place);
}

static __always_inline void sock__sent(enum cursor_place place, struct sock *sk, int ret)
{
	struct cursor *cur;
	struct conn *c;
	u64 end;

	if (ret <= 0)
		return;
	c = conn__of(sk);
	if (!c || (c->flags & CONN_IGNORED) || conn__denied(c))
		return;
	if (c->family == AF_UNIX) {
		if (sock__handled(c, WEFT_DIR_TX))
			return;
		end = c->tx_pos + ret;
	} else {
		end = conn__unwrap(c->tx_pos, conn__write_seq(sk));
		if (sock__placed(c) && end <= c->tx_pos)
			return; /* all of it was reported before it left */
	}
	cur = sock__begin(place, WEFT_DIR_TX, 0);
	if (!cur)
		return;
	cur->pos = end - ret;
	if (cfg_tcp_before && cur->pos < c->tx_pos) { /* the head was reported before it left */
		cur->iov.skip = c->tx_pos - cur->pos;
		cur->pos = c->tx_pos;
		cur->least = 0;
	}
	if (cur->least || c->budget || cfg_tail[c->protocol])
		iov__from_task(&cur->iov);
	cur->left = end - cur->pos;
	sock__moved(sk, c, cur, place);
}

/* copied: bytes of this call so far, which may have been reported in part already. */
static __always_inline void sock__received(enum cursor_place place, struct sock *sk, int copied,
					   int flags)
{
	struct cursor *cur;
	struct conn *c;
	bool placed;
	u64 end;

	if (copied <= 0 || (flags & MSG_PEEK))
		return;
	c = conn__of(sk);
	if (!c || (c->flags & CONN_IGNORED) || conn__denied(c))
		return;
	if (c->family == AF_UNIX) {
		if (sock__handled(c, WEFT_DIR_RX))
			return;
		end = c->rx_pos + copied;
	} else {
		end = conn__unwrap(c->rx_pos, conn__read_seq(sk));
	}
	placed = sock__placed(c);
	if (placed && end <= c->rx_pos)
		return;
	cur = sock__begin(place, WEFT_DIR_RX, 0);
	if (!cur)
		return;
	cur->pos = end - copied;
	if (placed && cur->pos < c->rx_pos) {
		cur->iov.skip = c->rx_pos - cur->pos;
		cur->pos = c->rx_pos;
	}
	cur->left = end - cur->pos;
	iov__from_task(&cur->iov);
	sock__moved(sk, c, cur, place);
}

#endif
