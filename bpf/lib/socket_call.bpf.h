/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 2. What has to be known of a thread's call on a socket until its end, where this is not all
 * in the socket's state: most sends are reported before their bytes leave, and leave nothing here.
 */
#ifndef WEFT_SOCKET_CALL_BPF_H
#define WEFT_SOCKET_CALL_BPF_H

#include "bpf/lib/conn.bpf.h"

/* A send whose bytes are not all reported before they leave; or a call that one copy of a program
 * has handled, for the other copy (cfg_shadows). */
struct socket_call {
	u64 sk;
	u64 begin; /* of a send: position of its first byte; equal to `end` if it cannot be read */
	u64 end;
	u8 dir; /* enum weft_dir */
	u8 pad[7];
};
/* Key tid. Written by programs, deleted when the call has been reported, and when the thread ends.
 * Full: the rest of the send becomes a hole, which the connection's next send shows. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct socket_call);
} socket_calls __weak SEC(".maps");

/* Entries of "socket_calls"; 0 saves the look-up. Written by programs. */
u32 weft_socket_calls __weak = 0;

static __always_inline struct socket_call *socket_call__find(const struct sock *sk, u8 dir)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct socket_call *call;

	if (!weft_socket_calls)
		return NULL;
	call = bpf_map_lookup_elem(&socket_calls, &tid);
	return call && call->sk == (u64)sk && call->dir == dir ? call : NULL;
}

static __always_inline void socket_call__begin(const struct socket_call *call)
{
	u32 tid = bpf_get_current_pid_tgid();

	if (!bpf_map_update_elem(&socket_calls, &tid, call, BPF_NOEXIST))
		__sync_fetch_and_add(&weft_socket_calls, 1);
	else
		bpf_map_update_elem(&socket_calls, &tid, call, BPF_EXIST);
}

static __always_inline void socket_call__end(u32 tid)
{
	if (weft_socket_calls && !bpf_map_delete_elem(&socket_calls, &tid))
		__sync_fetch_and_add(&weft_socket_calls, -1);
}

/* Where a send from `pos` on has bytes that are not reported: its thread may go on with the next
 * packet, or offer bytes again that were refused. */
static __always_inline u64 socket_call__unreported(const struct conn *c, u64 pos)
{
	bool again = c->mover[WEFT_DIR_TX] == (u32)bpf_get_current_pid_tgid();

	return again && c->wire.tx_pos > pos ? c->wire.tx_pos : pos;
}

/* The bytes from `pos` to `end` belong to a send of which the rest is reported at its end. */
static __always_inline bool socket_call__goes_on(const struct sock *sk, u64 pos, u64 end)
{
	struct socket_call *call = socket_call__find(sk, WEFT_DIR_TX);

	return call && pos >= call->begin && end == call->end;
}

/* The bytes from `pos` to `end` are about to leave, and are reported up to c->wire.tx_pos.
 * Unreadable: kernel pages. */
static __always_inline void socket_call__sending(const struct sock *sk, const struct conn *c,
						 u64 pos, u64 end, bool readable)
{
	struct socket_call call = {.sk = (u64)sk, .end = end, .dir = WEFT_DIR_TX};

	call.begin = readable ? pos : end;
	if (c->wire.tx_pos != end && !(c->wire.flags & LAYER_IGNORED))
		socket_call__begin(&call);
	else
		socket_call__end(bpf_get_current_pid_tgid());
}

/* A TCP send is over of which all is reported. Not so: bytes that went with the handshake (Fast
 * Open) are sent before there is state that says so. */
static __always_inline bool socket_call__reported(const struct sock *sk)
{
	const struct tcp_sock *tp;

	if (CONN_READ(sk, sk_protocol) != IPPROTO_TCP || socket_call__find(sk, WEFT_DIR_TX))
		return false;
	tp = (const struct tcp_sock *)sk;
	return !BPF_CORE_READ_BITFIELD_PROBED(tp, syn_data);
}

/* Has the other copy of the program (cfg_shadows) handled this call already? For TCP, positions
 * show it. Where positions are counted, the first copy to run stores the call and the second
 * one deletes it. If one copy did not run, they swap roles. */
static __always_inline bool socket_call__handled(const struct sock *sk, u8 dir)
{
	struct socket_call call = {.sk = (u64)sk, .dir = dir};

	if (!cfg_shadows)
		return false;
	if (socket_call__find(sk, dir)) {
		socket_call__end(bpf_get_current_pid_tgid());
		return true;
	}
	socket_call__begin(&call);
	return false;
}

#endif
