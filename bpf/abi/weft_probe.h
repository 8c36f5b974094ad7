/* SPDX-License-Identifier: Apache-2.0 */
/* How to probe a function of an engine: written by user space, which knows the engine and
 * its binary, and carried out by bpf/prog/probe.bpf.c, which knows neither. */
#ifndef WEFT_PROBE_H
#define WEFT_PROBE_H

#include "weft_event.h"

enum weft_fetch_from {
	WEFT_FETCH_NONE = 0,
	WEFT_FETCH_ARG = 1,  /* index: 0…5, an integer argument */
	WEFT_FETCH_CODE = 2, /* the probed instruction's address: reaches globals of its file */
	WEFT_FETCH_RETURN = 3,
};

#define WEFT_FETCH_STEPS 3

/* v = base + add[0]; then `steps` times: v = *(u64 *)v + add[i].
 * size 0: v itself is the value; 1, 2, 4, 8: what is stored there, zero extended. */
struct weft_fetch {
	__weft_u8 from; /* enum weft_fetch_from */
	__weft_u8 index;
	__weft_u8 steps;
	__weft_u8 size;
	__weft_u8 pad[4];
	__weft_s64 add[WEFT_FETCH_STEPS + 1];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_fetch) == 40, "weft_fetch");

enum weft_probe_kind {
	WEFT_PROBE_ENTER = 1,  /* a call begins */
	WEFT_PROBE_RETURN = 2, /* it ends: told if the conditions hold */
	WEFT_PROBE_POINT = 3,  /* told at once */
	WEFT_PROBE_FINISH = 4, /* ends a call that was put aside (see resume) */
};

/* weft_probe.only: when a call is told */
#define WEFT_ONLY_BUSY 0x01u   /* the thread did something to a log, or waited, inside */
#define WEFT_ONLY_RESULT 0x02u /* (result & result_mask) == result_value */
#define WEFT_ONLY_VALUE 0x04u  /* value[only_index] == only_value when it begins */
#define WEFT_OR_EQUAL 0x08u    /* idle as well, if value[equal[0]] == value[equal[1]] != 0 */

/* Key: the probe's number, which is the probe's cookie. A call's ENTER and RETURN share
 * `call`. One call at a time is remembered for each key and call. */
struct weft_probe {
	__weft_u32 call;
	__weft_u8 kind; /* enum weft_probe_kind */
	__weft_u8 only;
	__weft_u8 keyed;   /* 0: the thread; n: its argument n-1 (an object that outlives calls) */
	__weft_u8 counts;  /* 1: a return that is told makes the calls around it busy */
	__weft_u8 resumes; /* 1: a return with resume_value ends nothing: the next ENTER with the
			      same key goes on */
	__weft_u8 engine;  /* id of probes/engine.def */
	__weft_u8 number;  /* the engine's own for the call */
	__weft_u8 absent;  /* bit i: value i cannot be had in this build */
	__weft_u8 only_index;
	__weft_u8 long_text; /* 1: WEFT_PROBE_LONG_TEXT bytes, read when the call is told */
	__weft_u8 equal[2];
	__weft_u8 values; /* how many of value to look at: none after them is due */
	__weft_u8 pad[7];
	__weft_u64 only_value;
	__weft_u64 result_mask;
	__weft_u64 result_value;
	__weft_u64 resume_value;
	struct weft_fetch value[WEFT_PROBE_VALUES];
	struct weft_fetch text; /* up to a NUL; size is ignored */
};
WEFT_STATIC_ASSERT(sizeof(struct weft_probe) == 24 + 32 + 9 * 40, "weft_probe");

#define WEFT_PROBES 256

#endif
