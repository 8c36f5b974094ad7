/* SPDX-License-Identifier: Apache-2.0 */
/* How to probe a function of a target: an engine, a library or a runtime. Written by user space,
 * which knows the target and its binary; executed by bpf/prog/probe.bpf.c, which knows neither. */
#ifndef WEFT_PROBE_H
#define WEFT_PROBE_H

#include "weft_event.h"

enum weft_fetch_from {
	WEFT_FETCH_NONE = 0,
	WEFT_FETCH_ARG = 1,  /* index: 0…5, an integer argument */
	WEFT_FETCH_CODE = 2, /* the probed instruction's address: reaches globals of its file */
	WEFT_FETCH_RETURN = 3,
	/* Only in "task_ids", where the value is the id of the thread's current task: */
	WEFT_FETCH_ADDRESS = 4,	 /* add[0] is an address */
	WEFT_FETCH_TLS = 5,	 /* the thread pointer (fs base) */
	WEFT_FETCH_REGISTER = 6, /* index: the saved user register, in the order of pt_regs */
	WEFT_FETCH_SLOT = 7,	 /* what a WEFT_TASK_SWITCH probe has set; steps is ignored */
};

#define WEFT_FETCH_STEPS 3

/* v = base + add[0]; then `steps` times: v = *(u64 *)v + add[i].
 * size 0: v itself is the value; 1, 2, 4, 8: what is stored there, zero extended.
 * late: WEFT_FETCH_CODE only, read at the call's return instead of its entry.
 * three: this and the next two values are 8 bytes each, beside one another; the next two are
 * WEFT_FETCH_NONE themselves. */
struct weft_fetch {
	__weft_u8 from; /* enum weft_fetch_from */
	__weft_u8 index;
	__weft_u8 steps;
	__weft_u8 size;
	__weft_u8 late;
	__weft_u8 three;
	__weft_u8 pad[2];
	__weft_s64 add[WEFT_FETCH_STEPS + 1];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_fetch) == 40, "weft_fetch");

enum weft_probe_kind {
	WEFT_PROBE_ENTER = 1,  /* a call begins */
	WEFT_PROBE_RETURN = 2, /* it ends: reported if the conditions hold */
	WEFT_PROBE_POINT = 3,  /* reported at once */
	WEFT_PROBE_FINISH = 4, /* ends a suspended call (see resumes) */
	/* Not reported: they change what tasks work on, as `op` says. */
	WEFT_PROBE_TASK = 5,	    /* at the function's entry */
	WEFT_PROBE_TASK_RETURN = 6, /* at its return */
	/* A function that takes or returns the bytes of a layer above a socket, as `op` says. Both
	 * are needed: the bytes are reported, as data of a connection, at the return. */
	WEFT_PROBE_LAYER = 7,
	WEFT_PROBE_LAYER_RETURN = 8,
};

/* weft_probe.op of the TASK kinds: what a runtime does. value[0] is a task's id. */
enum weft_task_op {
	WEFT_TASK_SWITCH = 1, /* the thread runs this task from now on; 0: none */
	WEFT_TASK_SPAWN = 2,  /* the current task makes this one, to work on the same exchange */
	WEFT_TASK_HAND = 3,   /* this one continues the current task's exchange in its place */
	WEFT_TASK_END = 4,    /* this one has ended */
};

/* weft_probe.op of the LAYER kinds. value[0]: the object that stands for the connection, not 0;
 * value[1]: address of the bytes; value[2], if fetched: address where the function stores, as a
 * size_t, how many moved; else it returns that. */
enum weft_layer_op {
	WEFT_LAYER_SEND = 1,
	WEFT_LAYER_RECEIVE = 2,
};

/* weft_probe.only: conditions for reporting a call */
#define WEFT_ONLY_BUSY 0x01u   /* the thread did log I/O, or waited, inside the call */
#define WEFT_ONLY_RESULT 0x02u /* (result & result_mask) == result_value */
#define WEFT_ONLY_VALUE 0x04u  /* value[only_index] == only_value at entry */
#define WEFT_OR_EQUAL 0x08u    /* ONLY_BUSY or value[equal[0]] == value[equal[1]] != 0 */
#define WEFT_OR_SLEPT 0x10u    /* ONLY_BUSY or the thread slept inside the call */

/* Value of the map "probes"; key: the probe's number, which is also its attach cookie. ENTER
 * and RETURN of a function share `call`. One call at a time is followed per key and `call`. */
struct weft_probe {
	__weft_u32 call;
	__weft_u8 kind; /* enum weft_probe_kind */
	__weft_u8 only;
	__weft_u8 keyed;   /* 0: by thread; n: by argument n-1 (an object that outlives calls) */
	__weft_u8 counts;  /* 1: a reported return makes the enclosing calls busy */
	__weft_u8 resumes; /* 1: a return with resume_value suspends the call: the next ENTER
			      with the same key resumes it */
	__weft_u8 target;  /* id in the .def file of the target's kind */
	__weft_u8 number;  /* the target's own number for the function */
	__weft_u8 absent;  /* bit i: this build of the target has no value i */
	__weft_u8 only_index;
	__weft_u8 long_text; /* 1: WEFT_PROBE_LONG_TEXT bytes, read when the call is reported */
	__weft_u8 equal[2];
	__weft_u8 values;      /* entries of `value` in use */
	__weft_u8 target_kind; /* enum weft_target_kind */
	__weft_u8 op;	       /* enum weft_task_op, enum weft_layer_op */
	__weft_u8 pad[5];
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
