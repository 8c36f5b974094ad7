/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 1. Connections whose other end is the agent's own socket are never traced. Both ends of
 * a TCP connection know its two initial sequence numbers, whatever namespaces and address
 * translation lie between them: the agent's end stores them, the other end looks them up. For
 * a Unix socket the kernel knows the process at the other end. */
#ifndef WEFT_OWN_BPF_H
#define WEFT_OWN_BPF_H

#include "bpf/lib/task.bpf.h"

/* weft_own */
#define OWN_CONNECTED 1 /* the agent has made a connection */
#define OWN_ACCEPTED 2	/* the agent has read from a connection that it accepted */

static __always_inline void own__leave(struct conn *c, u32 how)
{
	struct own_key theirs = {.sent = c->begin[WEFT_DIR_RX], .received = c->begin[WEFT_DIR_TX]};
	u8 yes = 1;

	bpf_map_update_elem(&own_conns, &theirs, &yes, BPF_ANY);
	weft_own |= how;
}

static __always_inline bool own__other_end(const struct conn *c)
{
	struct own_key mine = {.sent = c->begin[WEFT_DIR_TX], .received = c->begin[WEFT_DIR_RX]};

	return bpf_map_lookup_elem(&own_conns, &mine);
}

/* As of connect(), accept() or socketpair(). */
static __always_inline bool own__unix_peer(const struct sock *sk)
{
	struct pid *peer = BPF_CORE_READ(sk, sk_peer_pid);

	return peer && (u32)BPF_CORE_READ(peer, numbers[0].nr) == cfg_self_pid;
}

#endif
