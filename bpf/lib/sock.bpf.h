/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 6. What a send or receive means, the same for every hook type: the
 * hooks in bpf/prog only find the socket and call one of
 *     sock__sending   before TCP bytes leave, with the message (where such a hook exists)
 *     sock__sent      after a send, with the number of bytes sent
 *     sock__received  after a receive, with the number of bytes received
 * Positions come from the socket, so a missed call shows as a hole, never as shifted bytes. */
#ifndef WEFT_SOCK_BPF_H
#define WEFT_SOCK_BPF_H

#include "bpf/lib/layer.bpf.h"
#include "bpf/lib/place.bpf.h"
#include "bpf/lib/plain.bpf.h"

/* Empty segments skipped before the first one with bytes; with more, the send is handled after
 * the call. */
#define SOCK_EMPTY_SEGMENTS 16

/* A receive of bytes that stay in the queue (MSG_PEEK) or are not part of the stream. Unix sockets
 * have no error queue, and their urgent byte is part of the stream. */
static __always_inline bool sock__aside(const struct conn *c, u32 flags)
{
	return flags & (c->family == AF_UNIX ? MSG_PEEK : MSG_PEEK | MSG_ERRQUEUE | MSG_OOB);
}

/* A receive that does not write to the buffer. */
static __always_inline bool sock__discards(const struct conn *c, u32 flags)
{
	return flags & (c->family == AF_UNIX ? MSG_OOB : MSG_TRUNC);
}

/* The first response to a client. If the agent itself is the server, it has stored the connection
 * by now (own__leave); the connection is closed for user space and ignored. */
static __always_inline bool sock__answered_by_us(struct conn *c, u8 dir)
{
	if (!(weft_own & OWN_ACCEPTED) || dir != WEFT_DIR_RX || c->wire.role != WEFT_ROLE_CLIENT ||
	    (c->flags & CONN_COUNTED) || (c->wire.flags & LAYER_LATE) || !own__other_end(c))
		return false;
	if (c->wire.flags & LAYER_OPENED)
		emit__close(c, WEFT_CLOSE_GONE | WEFT_CLOSE_OWN, 0, 0);
	c->wire.flags = (c->wire.flags | LAYER_IGNORED) & ~LAYER_OPENED;
	return true;
}

static __always_inline void sock__moved(struct sock *sk, struct conn *c, struct cursor *cur,
					u32 place, u8 dir)
{
	cur->sk = (u64)sk;
	cur->object.id = 0;
	if (place__is_dir_change(c, dir))
		cur->flags |= WEFT_DATA_DIR_CHANGE;
	if ((cur->flags & WEFT_DATA_DIR_CHANGE) && sock__answered_by_us(c, dir))
		return;
	layer__moved(sk, &c->wire, cur, place, dir, c->flags & CONN_COUNTED);
}

/* Moves the cursor to the first segment that has bytes; can they be read? Not readable: kernel
 * pages, and constants of the program that were never accessed and that only the send itself
 * will page in. */
static __always_inline bool sock__readable(struct cursor *cur, u32 place)
{
	u64 base, len;
	u8 byte;

	for (u32 i = 0; cur->iov.kind != IOV_BUFFER && i < SOCK_EMPTY_SEGMENTS; i++)
		if (!gather__empty(place))
			break;
	return iov__next(&cur->iov, &base, &len) && len &&
	       !bpf_probe_read_user(&byte, sizeof(byte), (void *)base);
}

/* Can what a send does to the layer be undone? Not so before its connection is reported, and where
 * the exchange's context was announced. */
static __always_inline bool sock__undoes(const struct layer *l)
{
	return (l->flags & LAYER_OPENED) && !cfg_contexts;
}

static __always_inline void sock__keep(const struct layer *l, struct layer_before *before)
{
	before->exchange_id = l->exchange_id;
	before->parent = l->parent;
	before->hint = l->hint;
	before->tx_pos = l->tx_pos;
	before->budget = l->budget;
	before->flags = l->flags;
	before->last_dir = l->last_dir;
	before->parent_flags = l->parent_flags;
}

/* No byte of the send could be read: sock__sent handles it as if nothing had been. */
static __always_inline void sock__undo(struct layer *l, const struct layer_before *before)
{
	l->exchange_id = before->exchange_id;
	l->parent = before->parent;
	l->hint = before->hint;
	l->tx_pos = before->tx_pos;
	l->budget = before->budget;
	l->flags = before->flags;
	l->last_dir = before->last_dir;
	l->parent_flags = before->parent_flags;
}

/* Reports as much as is copied of a send from `pos` to `end`, of which all before `from` is. */
static __always_inline void sock__head(enum cursor_place place, struct sock *sk, struct conn *c,
				       const struct iov *iov, u64 pos, u64 from, u64 end)
{
	struct cursor *cur = layer__begin(place, WEFT_DIR_TX, WEFT_DATA_PRE_SEND);

	if (!cur)
		return;
	cur->iov = *iov;
	cur->iov.skip += from - pos;
	cur->again = sock__undoes(&c->wire);
	if (cur->again ? cur->iov.kind == IOV_NONE : !sock__readable(cur, place))
		return; /* sock__sent handles those */
	cur->pos = from;
	cur->left = end - from;
	sock__keep(&c->wire, &cur->before);
	sock__moved(sk, c, cur, place, WEFT_DIR_TX);
	if (cur->again && c->wire.tx_pos == from)
		sock__undo(&c->wire, &cur->before);
}

static __always_inline void sock__sending(enum cursor_place place, struct sock *sk,
					  const struct msghdr *msg)
{
	struct conn *c = conn__of(sk);
	struct compat_iter_copy iter;
	struct iov iov = {};
	u64 pos, from, end;

	if (!c || plain__covers(c, sk) || (c->wire.flags & LAYER_IGNORED) || conn__denied(c) ||
	    !compat__read_iter(&iter, __builtin_preserve_access_index(&msg->msg_iter)))
		return;
	pos = conn__unwrap(c->wire.tx_pos, conn__write_seq(sk));
	end = pos + iov__from_iter(&iov, &iter);
	from = socket_call__unreported(c, pos);
	if (from >= end || socket_call__goes_on(sk, pos, end))
		return;
	/* A part was sent with the SYN: sock__sent reports all of it. */
	if (!(c->wire.flags & (LAYER_STARTED | LAYER_LATE)) && pos != c->wire.tx_pos) {
		socket_call__sending(sk, c, pos, end, false);
		return;
	}
	c->mover[WEFT_DIR_TX] = bpf_get_current_pid_tgid();
	if (left_out__answers(&c->wire, &iov, from, end))
		return;
	sock__head(place, sk, c, &iov, pos, from, end);
	socket_call__sending(sk, c, pos, end, iov.kind != IOV_NONE);
}

static __always_inline void sock__sent(enum cursor_place place, struct sock *sk, int ret)
{
	struct cursor *cur;
	struct conn *c;
	u64 begin, end;
	bool placed, shown;

	if (ret <= 0)
		return; /* refused bytes may be sent again */
	if ((place == CURSOR_TP_SENT || place == CURSOR_FENTRY_SENT) && socket_call__reported(sk))
		return;
	c = conn__of(sk);
	if (!c || plain__covers(c, sk) || (c->wire.flags & LAYER_IGNORED) || conn__denied(c))
		return;
	placed = place__placed(c);
	if (c->flags & CONN_COUNTED) {
		if (socket_call__handled(sk, WEFT_DIR_TX))
			return;
		shown = place__in_order(place, sk, c, WEFT_DIR_TX, ret, &begin);
		end = begin + ret;
	} else {
		shown = place__of_send(place, sk, c, ret, &begin, &end);
		socket_call__end(bpf_get_current_pid_tgid());
		if (placed && end <= c->wire.tx_pos)
			return; /* the pre-send hook reported all of it */
	}
	cur = layer__begin(place, WEFT_DIR_TX, 0);
	if (!cur)
		return;
	cur->pos = begin;
	if (placed && !(c->flags & CONN_COUNTED) && (!shown || begin < c->wire.tx_pos)) {
		cur->iov.skip = c->wire.tx_pos - begin; /* the pre-send hook reported the head */
		cur->pos = c->wire.tx_pos;
		cur->least = cfg_tcp_before ? 0 : LAYER_MIN_COPY;
	}
	if (shown && (cur->least || c->wire.budget ||
		      (cfg_protocol[c->wire.protocol].tail | cfg_protocol[c->wire.protocol].all)))
		iov__from_task(&cur->iov);
	cur->left = end - cur->pos;
	sock__moved(sk, c, cur, place, WEFT_DIR_TX);
}

/* copied: bytes of this call so far; some may have been reported already. */
static __always_inline void sock__received(enum cursor_place place, struct sock *sk, int copied,
					   int flags)
{
	struct cursor *cur;
	struct conn *c;
	u64 begin, end;
	bool placed, shown;

	if (copied <= 0 || (flags & MSG_PEEK))
		return;
	c = conn__of(sk);
	if (!c || plain__covers(c, sk) || (c->wire.flags & LAYER_IGNORED) ||
	    sock__aside(c, flags) || conn__denied(c))
		return;
	placed = place__placed(c);
	if (c->flags & CONN_COUNTED) {
		if (socket_call__handled(sk, WEFT_DIR_RX))
			return;
		shown = place__in_order(place, sk, c, WEFT_DIR_RX, copied, &begin);
		end = begin + copied;
	} else {
		end = conn__unwrap(c->wire.rx_pos, conn__read_seq(sk));
		if (placed && end <= c->wire.rx_pos)
			return;
		begin = end - copied;
		shown = place == CURSOR_KPROBE_RECVD || !placed ||
			place__follows(place, sk, c, WEFT_DIR_RX, begin, c->wire.rx_pos);
	}
	cur = layer__begin(place, WEFT_DIR_RX, 0);
	if (!cur)
		return;
	cur->pos = begin;
	if (!shown && !(c->flags & CONN_COUNTED))
		cur->pos = c->wire.rx_pos;
	if (shown && placed && !(c->flags & CONN_COUNTED) && begin < c->wire.rx_pos) {
		cur->iov.skip = c->wire.rx_pos - begin;
		cur->pos = c->wire.rx_pos;
	}
	cur->left = end - cur->pos;
	if (shown)
		iov__from_task(&cur->iov);
	if (sock__aside(c, cur->iov.recv_flags))
		return; /* for hooks that do not get the flags */
	if (sock__discards(c, cur->iov.recv_flags))
		cur->iov.kind = IOV_NONE;
	sock__moved(sk, c, cur, place, WEFT_DIR_RX);
}

#endif
