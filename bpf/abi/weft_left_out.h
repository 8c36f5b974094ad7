/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that were left out (weft_config.h: weft_thresholds), counted. */
#ifndef WEFT_LEFT_OUT_H
#define WEFT_LEFT_OUT_H

#include "weft_event.h"

enum weft_status {
	WEFT_STATUS_NONE = 0, /* no answer, or its status was not seen */
	WEFT_STATUS_1XX = 1,  /* HTTP's classes */
	WEFT_STATUS_2XX = 2,
	WEFT_STATUS_3XX = 3,
	WEFT_STATUS_4XX = 4,
	WEFT_STATUS_5XX = 5,
	WEFT_STATUS_OK = 6, /* of other protocols */
	WEFT_STATUS_ERROR = 7,
	WEFT_STATUSES = 8
};

/* Key of the map "left_out". One entry per CPU, so that CPUs do not wait for each other. */
struct weft_left_out_key {
	__weft_u32 pid;
	__weft_u16 cpu;
	__weft_u16 port; /* the server's */
	__weft_u8 protocol;
	__weft_u8 role;	  /* enum weft_role */
	__weft_u8 status; /* enum weft_status */
	__weft_u8 pad;
};
WEFT_STATIC_ASSERT(sizeof(struct weft_left_out_key) == 12, "weft_left_out_key");

/* Buckets are user space's: bounds in ns, inclusive, ascending, each at least twice the previous
 * one; `at` is the first bound that may hold a value of a bit width (agent/metrics/histogram.h). */
#define WEFT_DURATION_BOUNDS 25
struct weft_duration_scale {
	__weft_u64 bounds[WEFT_DURATION_BOUNDS];
	__weft_u8 at[65];
	__weft_u8 pad[7];
};

/* Value: durations from a request's first byte to its response's last one. Written by programs
 * when the exchange's connection goes on or ends, read by user space, which deletes the entries of
 * a process that has ended. */
struct weft_left_out {
	__weft_u64 sum;
	__weft_u64 count[WEFT_DURATION_BOUNDS + 1];
};

#endif
