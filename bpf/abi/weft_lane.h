/* SPDX-License-Identifier: Apache-2.0 */
/* Map "lanes": one of these per possible CPU, which the programs write and the reader maps. The
 * records (struct weft_ev_data only) follow the head, each as long as it is, rounded up to 8 bytes.
 * One that begins before the end of the records' room runs on behind it: the room is followed by
 * that much more. */
#ifndef WEFT_LANE_H
#define WEFT_LANE_H

#include "weft_event.h"

struct weft_lane {
	/* Written by the programs. */
	__weft_u64 head; /* bytes written since the start, so the place of the next record */
	__weft_u64 seen; /* `tail`, when they last had to look at it */
	__weft_u32 busy; /* programs that write, or want to; see bpf/lib/lane.bpf.h */
	__weft_u32 pad[11];
	/* Written by the reader, in a cache line of its own. */
	__weft_u64 tail; /* bytes read since the start */
	__weft_u64 pad2[7];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_lane) == 128, "weft_lane");

#define WEFT_LANE_RECORD (sizeof(struct weft_ev_data) + WEFT_DATA_MAX) /* the longest one */

/* Size of the map's values with room for `bytes` of records, a power of two; whole pages. */
#define WEFT_LANE_VALUE(bytes)                                                                     \
	((sizeof(struct weft_lane) + (bytes) + WEFT_LANE_RECORD + 4095) & ~4095u)

#endif
