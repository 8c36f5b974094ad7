/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 2. Memory of each CPU for the records of bytes that moved, mapped by the reader: a record
 * is written where it stays, and takes no more room than it needs. One program writes at a time.
 * Another one that runs amid it (its task preempted the first one's) uses the ring. */
#ifndef WEFT_LANE_BPF_H
#define WEFT_LANE_BPF_H

#include "bpf/lib/maps.bpf.h"

static __always_inline struct weft_lane *lane__this(void)
{
	u32 cpu = bpf_get_smp_processor_id();

	return cfg_lane_bytes ? bpf_map_lookup_elem(&lanes, &cpu) : NULL;
}

/* Also orders what was written before it against what is read after it. */
static __always_inline void lane__leave(struct weft_lane *lane)
{
	__sync_fetch_and_add(&lane->busy, -1);
}

/* NULL: there is none, or a program is writing to it. Counting comes before testing: of two
 * programs that find each other here, at most one goes on. (An atomic exchange needs 5.12.) */
static __always_inline struct weft_lane *lane__enter(void)
{
	struct weft_lane *lane = lane__this();

	if (!lane)
		return NULL;
	__sync_fetch_and_add(&lane->busy, 1);
	if (*(volatile u32 *)&lane->busy == 1)
		return lane;
	lane__leave(lane);
	return NULL;
}

/* Room for n bytes; NULL: the lane is full. */
static __always_inline void *lane__room(struct weft_lane *lane, u64 n)
{
	u64 head = lane->head;

	if (head + n - lane->seen > cfg_lane_bytes) {
		lane->seen = *(volatile u64 *)&lane->tail;
		if (head + n - lane->seen > cfg_lane_bytes)
			return NULL;
	}
	return (u8 *)(lane + 1) + (head & (cfg_lane_bytes - 8));
}

static __always_inline u64 lane__unread(void)
{
	struct weft_lane *lane = lane__this();

	return lane ? lane->head - *(volatile u64 *)&lane->tail : 0;
}

#endif
