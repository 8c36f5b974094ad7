/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 4. What a send or receive means, the same for every rung of the ladder: the
 * hooks in bpf/prog only find the socket and call one of
 *     sock__sending   before TCP bytes leave, with the message (where such a hook exists)
 *     sock__sent      after a send, with the number of bytes taken
 *     sock__received  after a receive, with the number of bytes given
 * Positions come from the socket, so a call that was missed shows as a hole, never as
 * shifted bytes. */
#ifndef WEFT_SOCK_BPF_H
#define WEFT_SOCK_BPF_H

#include "bpf/lib/emit.bpf.h"
#include "bpf/abi/weft_sniff.h"
#include "weft_sniffers.h"

/* Copied of every call however long the message: lets a parser see each chunk's head. */
#define SOCK_MIN_COPY 256
/* Turns without a known protocol after which a connection is given up. */
#define SOCK_MAX_TRIES 64

/* One call that moves bytes. */
struct sock_move {
	struct sock *sk;
	struct conn *c;
	struct iov iov;
	u64 now;
	u64 pos; /* of the first byte not yet reported */
	u32 len;
	u8 dir;
	u8 flags; /* WEFT_DATA_* */
};

/* Which protocol begins with these bytes, and who speaks. 0: none. */
static __noinline u32 sock__sniff(u64 base, u32 len)
{
	unsigned char b[WEFT_SNIFF_LEN] = {};
	u32 n = len < WEFT_SNIFF_LEN ? len : WEFT_SNIFF_LEN;
	int verdict;

	if (!n || n > WEFT_SNIFF_LEN || bpf_probe_read_user(b, n, (void *)base))
		return 0;
#define PROTOCOL(id, NAME, folder)          \
	verdict = weft_sniff_##folder(b, n); \
	if (verdict != WEFT_SNIFF_NO)       \
		return (id) << 8 | (u32)verdict;
#include "probes/protocol.def"
#undef PROTOCOL
	return 0;
}

/* Gives the connection its protocol and, if nobody knew, its role. False: not yet. */
static __always_inline bool sock__classify(struct sock_move *m)
{
	struct conn *c = m->c;
	u64 base, len;
	u32 verdict;
	u8 speaker;

	if (c->protocol)
		return true;
	if (!(m->flags & WEFT_DATA_TURN) || !iov__segment(&m->iov, 0, &base, &len))
		return false;
	verdict = sock__sniff(base, len < m->len ? len : m->len);
	if (!verdict) {
		if (++c->tries >= SOCK_MAX_TRIES) {
			c->flags |= CONN_IGNORED;
			stat__add(WEFT_STAT_UNCLASSIFIED, 1);
		}
		return false;
	}
	speaker = (verdict & 0xff) == WEFT_SNIFF_RESPONSE ? WEFT_ROLE_CLIENT : WEFT_ROLE_SERVER;
	if (m->dir == WEFT_DIR_TX) /* we say what a peer of that role would hear */
		speaker = WEFT_ROLE_SERVER + WEFT_ROLE_CLIENT - speaker;
	if (c->role == WEFT_ROLE_UNKNOWN || (c->flags & CONN_LATE))
		c->role = speaker;
	else if (c->role != speaker)
		return false;
	c->protocol = verdict >> 8;
	return true;
}

static __always_inline u32 sock__head_cap(struct conn *c, bool request)
{
	struct weft_wish *wish = NULL;

	if (weft_wishes)
		wish = bpf_map_lookup_elem(&wishes, &c->id);
	if (wish && wish->ignore)
		c->flags |= CONN_IGNORED;
	if (wish && wish->head_cap)
		return wish->head_cap;
	return request ? cfg_head_req : cfg_head_resp;
}

/* The exchange engine. A turn in the request's direction begins an exchange. Receiving a
 * request makes its exchange the thread's; receiving a response gives the thread back
 * the exchange that asked. Returns the thread's exchange as it was just before, for a
 * client's request the one it is made for. */
static __always_inline u64 sock__exchange(struct sock_move *m)
{
	struct conn *c = m->c;
	u8 role = c->role ? c->role :
		  m->dir == WEFT_DIR_RX ? WEFT_ROLE_SERVER : WEFT_ROLE_CLIENT;
	bool request = m->dir == (role == WEFT_ROLE_SERVER ? WEFT_DIR_RX : WEFT_DIR_TX);
	u8 unbroken = 0;
	u64 before = task__exchange(&unbroken);

	if (!c->role)
		c->role = role;
	if (m->flags & WEFT_DATA_TURN) {
		c->budget = sock__head_cap(c, request);
		if (request)
			c->xid = conn__new_xid();
		if (conn__watched(m->sk))
			m->flags |= WEFT_DATA_WATCHED;
	}
	if (role == WEFT_ROLE_SERVER) {
		m->flags |= unbroken;
		if (request) /* of a protocol we cannot read: the thread's work has no name */
			task__set_exchange(c->protocol ? c->xid : 0);
		return before;
	}
	if (request && (m->flags & WEFT_DATA_TURN)) {
		c->parent = before;
		c->parent_flags = unbroken;
		if (c->hint && !(before && unbroken)) {
			c->parent = c->hint;
			c->parent_flags = WEFT_DATA_UNBROKEN | WEFT_DATA_CREATED;
		}
		c->hint = 0;
	}
	if (request) {
		m->flags |= c->parent_flags;
		return c->parent;
	}
	m->flags |= unbroken;
	if (c->parent || before)
		task__set_exchange(c->parent);
	return before;
}

/* Reports [pos, pos+len) of the call; with head_only just the part that is copied. */
static __always_inline void sock__report(struct sock_move *m, u64 task_xid, bool head_only)
{
	struct conn *c = m->c;
	struct emit_data d = { .now = m->now, .conn = c->id, .xid = c->xid, .task_xid = task_xid,
			       .pos = m->pos, .dir = m->dir, .flags = m->flags };
	u32 left = m->len, allowed = c->budget > SOCK_MIN_COPY ? c->budget : SOCK_MIN_COPY;
	u64 base, len;
	u32 n;

	for (u32 i = 0; i < IOV_SEGMENTS && left && allowed; i++) {
		if (!iov__segment(&m->iov, i, &base, &len))
			break;
		if (!len)
			continue;
		if (len > left)
			len = left;
		n = len < allowed ? len : allowed;
		if (n > WEFT_DATA_MAX)
			n = WEFT_DATA_MAX;
		d.len = head_only ? n : (u32)len;
		emit__data(&d, base, n);
		d.pos += d.len;
		d.flags &= ~WEFT_DATA_TURN;
		left -= d.len;
		allowed -= n;
		c->budget -= n < c->budget ? n : c->budget;
		if (head_only && n < len)
			break;
	}
	if (left && !head_only) {
		d.len = left;
		d.flags |= WEFT_DATA_UNSEEN;
		emit__count(&d);
		d.pos += left;
	}
	if (m->dir == WEFT_DIR_TX)
		c->tx_pos = d.pos;
	else
		c->rx_pos = d.pos;
}

static __always_inline void sock__moved(struct sock_move *m, bool head_only)
{
	struct conn *c = m->c;
	u64 task_xid;
	bool known;

	if (!(c->flags & CONN_STARTED) || c->last_dir != m->dir)
		m->flags |= WEFT_DATA_TURN;
	if (conn__unwanted(c, task__pid(), m->flags & WEFT_DATA_TURN))
		return;
	known = sock__classify(m);
	c->last_dir = m->dir;
	c->flags |= CONN_STARTED;
	task_xid = sock__exchange(m);
	if (!known || (c->flags & CONN_IGNORED)) {
		if (m->dir == WEFT_DIR_TX)
			c->tx_pos = m->pos + m->len;
		else
			c->rx_pos = m->pos + m->len;
		return;
	}
	stat__add(WEFT_STAT_SEEN_BYTES, m->len);
	if (!(c->flags & CONN_OPENED)) {
		if (!emit__open(c, m->sk, m->now))
			return;
		c->flags |= CONN_OPENED;
	}
	sock__report(m, task_xid, head_only);
}

static __always_inline void sock__sending(struct sock *sk, const struct msghdr *msg)
{
	const struct iov_iter *iter = __builtin_preserve_access_index(&msg->msg_iter);
	struct sock_move m = { .sk = sk, .dir = WEFT_DIR_TX, .flags = WEFT_DATA_BEFORE };
	u64 count = BPF_CORE_READ(iter, count);
	struct conn *c;

	m.now = bpf_ktime_get_ns();
	m.c = c = conn__of(sk, m.now);
	if (!c || (c->flags & CONN_IGNORED))
		return;
	m.pos = conn__unwrap(c->tx_pos, conn__write_seq(sk));
	/* The same send goes on with its next packet, or a refused rest is offered again. */
	if (m.pos > c->send_pos && m.pos + count == c->send_end)
		return;
	c->send_pos = m.pos;
	c->send_end = m.pos + count;
	m.len = count;
	iov__from_iter(&m.iov, iter);
	if (m.iov.kind == IOV_NONE)
		return; /* kernel pages: sock__sent counts them */
	sock__moved(&m, true);
}

static __always_inline void sock__sent(struct sock *sk, int ret)
{
	struct sock_move m = { .sk = sk, .dir = WEFT_DIR_TX };
	struct conn *c;
	u64 end;

	if (ret <= 0)
		return;
	m.now = bpf_ktime_get_ns();
	m.c = c = conn__of(sk, m.now);
	if (!c || (c->flags & CONN_IGNORED))
		return;
	if (c->family == AF_UNIX) {
		m.pos = c->tx_pos;
		m.len = ret;
		iov__from_task(&m.iov);
	} else {
		end = conn__unwrap(c->tx_pos, conn__write_seq(sk));
		m.pos = end - ret;
		if (cfg_tcp_before) {
			if (end <= c->tx_pos)
				return; /* all of it was reported before it left */
			if (m.pos < c->tx_pos)
				m.pos = c->tx_pos;
		} else {
			iov__from_task(&m.iov);
		}
		m.len = end - m.pos;
	}
	sock__moved(&m, false);
}

/* copied: bytes of this call so far, which may have been reported in part already. */
static __always_inline void sock__received(struct sock *sk, int copied, int flags)
{
	struct sock_move m = { .sk = sk, .dir = WEFT_DIR_RX };
	struct conn *c;
	u64 end;

	if (copied <= 0 || (flags & MSG_PEEK))
		return;
	m.now = bpf_ktime_get_ns();
	m.c = c = conn__of(sk, m.now);
	if (!c || (c->flags & CONN_IGNORED))
		return;
	m.len = copied;
	if (c->family == AF_UNIX) {
		m.pos = c->rx_pos;
	} else {
		end = conn__unwrap(c->rx_pos, conn__copied_seq(sk));
		m.pos = end - copied;
		if ((c->flags & CONN_STARTED) && m.pos < c->rx_pos) {
			m.iov.skip = c->rx_pos - m.pos;
			if (m.iov.skip >= (u64)copied)
				return;
			m.len -= m.iov.skip;
			m.pos = c->rx_pos;
		}
	}
	iov__from_task(&m.iov);
	sock__moved(&m, false);
}

#endif
