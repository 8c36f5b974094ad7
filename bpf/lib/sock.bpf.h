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

/* Copied of every call however long the message: lets a parser see each chunk's head. */
#define SOCK_MIN_COPY 256

/* Reports the segment at the cursor; false: nothing more to show. */
static __always_inline bool sock__segment(struct conn *c, struct cursor *cur, u64 now, u32 i,
					  bool head_only)
{
	struct emit_data d = {.now = now,
			      .conn = c->id,
			      .xid = c->xid,
			      .task_xid = cur->task_xid,
			      .pos = cur->pos,
			      .dir = cur->dir,
			      .flags = cur->flags};
	u64 base, len;
	u32 n;

	if (!cur->left || !cur->allowed || !iov__segment(&cur->iov, i, &base, &len))
		return false;
	if (!len)
		return true;
	if (len > cur->left)
		len = cur->left;
	n = len < cur->allowed ? len : cur->allowed;
	if (n > WEFT_DATA_MAX)
		n = WEFT_DATA_MAX;
	d.len = head_only ? n : (u32)len;
	emit__data(&d, base, n);
	cur->pos += d.len;
	cur->flags &= ~WEFT_DATA_TURN;
	cur->left -= d.len;
	cur->allowed -= n;
	c->budget -= n < c->budget ? n : c->budget;
	return !head_only || n >= len;
}

static __always_inline void sock__unseen(struct conn *c, struct cursor *cur, u64 now)
{
	struct emit_data d = {.now = now,
			      .conn = c->id,
			      .xid = c->xid,
			      .task_xid = cur->task_xid,
			      .pos = cur->pos,
			      .len = cur->left,
			      .dir = cur->dir,
			      .flags = cur->flags | WEFT_DATA_UNSEEN};

	emit__count(&d);
	cur->pos += cur->left;
}

/* Reports the call at the cursor; with head_only just the part that is copied. */
static __always_inline void sock__report(struct conn *c, struct cursor *cur, u64 now,
					 bool head_only)
{
	cur->allowed = c->budget > SOCK_MIN_COPY ? c->budget : SOCK_MIN_COPY;
	for (u32 i = 0; i < IOV_SEGMENTS; i++)
		if (!sock__segment(c, cur, now, i, head_only))
			break;
	if (cur->left && !head_only)
		sock__unseen(c, cur, now);
}

static __always_inline void sock__reported(struct conn *c, u8 dir, u64 pos)
{
	if (dir == WEFT_DIR_TX)
		c->tx_pos = pos;
	else
		c->rx_pos = pos;
}

static __always_inline void sock__moved(struct sock *sk, struct conn *c, struct cursor *cur,
					u64 now, bool head_only)
{
	u64 end = cur->pos + cur->left;
	u8 dir = cur->dir;
	bool known, request;

	if (!(c->flags & CONN_STARTED) || c->last_dir != dir)
		cur->flags |= WEFT_DATA_TURN;
	known = exchange__classify(c, cur);
	c->last_dir = dir;
	c->flags |= CONN_STARTED;
	if (!c->role)
		c->role = dir == WEFT_DIR_RX ? WEFT_ROLE_SERVER : WEFT_ROLE_CLIENT;
	request = dir == (c->role == WEFT_ROLE_SERVER ? WEFT_DIR_RX : WEFT_DIR_TX);
	exchange__note(sk, c, cur, now, request);
	if (!known || (c->flags & CONN_IGNORED)) {
		sock__reported(c, dir, end);
		return;
	}
	if (!(c->flags & CONN_OPENED)) {
		if (!emit__open(c, sk, now))
			return;
		c->flags |= CONN_OPENED;
	}
	sock__report(c, cur, now, head_only);
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
	cur->task_xid = 0;
	cur->flags = flags;
	cur->dir = dir;
	return cur;
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
	struct iov iov = {}, first;
	u64 count, pos, base, len;
	struct cursor *cur;
	u8 byte;

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
	/* Kernel pages, and constants of the program that nobody has touched yet and that only
	 * the send itself will page in: sock__sent looks at those. */
	first = iov;
	if (!iov__segment(&first, 0, &base, &len) ||
	    bpf_probe_read_user(&byte, sizeof(byte), (void *)base))
		return;
	cur = sock__begin(place, WEFT_DIR_TX, WEFT_DATA_BEFORE);
	if (!cur)
		return;
	cur->iov = iov;
	cur->pos = pos;
	cur->left = count;
	sock__moved(sk, c, cur, bpf_ktime_get_ns(), true);
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
	if (cfg_tcp_before && cur->pos < c->tx_pos)
		cur->pos = c->tx_pos; /* the head was reported before it left */
	else
		iov__from_task(&cur->iov);
	cur->left = end - cur->pos;
	sock__moved(sk, c, cur, bpf_ktime_get_ns(), false);
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
	sock__moved(sk, c, cur, bpf_ktime_get_ns(), false);
}

#endif
