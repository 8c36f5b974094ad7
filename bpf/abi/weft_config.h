/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the control maps, which user space writes while the programs run. */
#ifndef WEFT_CONFIG_H
#define WEFT_CONFIG_H

#include "weft_event.h"

/* Map "targets": key tgid, value decision. Written by user space after its rules are
 * applied; copied parent → child by the fork hook; deleted by the exec hook (a new image
 * needs a new decision) and by the exit hook. A process with no entry is undecided and
 * captured: user space decides before its spans are exported, so no first request is lost. */
enum weft_target_decision {
	WEFT_TARGET_UNDECIDED = 0,
	WEFT_TARGET_TRACE = 1,
	WEFT_TARGET_IGNORE = 2,
};

/* Knob "weft_wake": which records wake the reader. Written by user space before it sleeps; programs
 * set it back to WEFT_WAKE_NONE when they have woken it. A wake-up costs more than a record. */
enum weft_wake {
	WEFT_WAKE_NONE = 0,  /* it comes by itself */
	WEFT_WAKE_ANY = 1,   /* nothing happens */
	WEFT_WAKE_ASKED = 2, /* little happens: what only tells waits until there is much of it, not
			      * what may ask for a decision (a new process, connection, file) */
};
#define WEFT_WAKE_BYTES 65536 /* of records in the ring of a CPU: these are many */

/* Map "overrides": key connection id. Written by user space for a connection that does not
 * get the default treatment; read by the programs at the next direction change. */
struct weft_capture_override {
	__weft_u32 head_cap; /* bytes to copy per message, 0 = default */
	__weft_u32 ignore;   /* 1: copy and report nothing more of this connection */
};
WEFT_STATIC_ASSERT(sizeof(struct weft_capture_override) == 8, "weft_capture_override");

/* Knob "cfg_protocol", by protocol id: what the protocol's row asks of the programs. */
struct weft_protocol_knobs {
	__weft_u16 tail;     /* bytes copied of the end of each call; at most GATHER_MAX */
	__weft_u8 frames;    /* 1: each call begins a message, not only a direction change */
	__weft_u8 all;	     /* 1: every byte is copied, as long as the reader keeps up */
	__weft_u8 status_at; /* offset of a response's status digit; 0: none is left out */
	__weft_u8 pad[3];
	/* A call in one buffer has its tail copied only if its last 8 bytes, under the mask, are
	 * these. Mask 0: always. */
	__weft_u64 tail_end;
	__weft_u64 tail_end_mask;
};
WEFT_STATIC_ASSERT(sizeof(struct weft_protocol_knobs) == 24, "weft_protocol_knobs");
#define WEFT_TAIL_END 8

/* Map "contexts": key exchange id. Written by user space for a server's exchange once its trace is
 * decided, if what its task sends is certain to belong to it; and by the programs for the exchanges
 * that they give a context. */
struct weft_exchange_context {
	__weft_u8 trace_id[16];
	__weft_u32 tid; /* also what this thread sends; 0: only what tasks of a runtime send */
	__weft_u8 trace_flags;
	__weft_u8 pad[3];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_exchange_context) == 24, "weft_exchange_context");

/* Knob "weft_thresholds", by origin: an exchange with which a trace begins on this host is kept if
 * the upper 16 bits of its randomness (weft_ev_data.exchange_id) are at least this: 0 keeps all,
 * WEFT_KEEP_NONE none. OpenTelemetry's rejection threshold, in its upper 16 of 56 bits. Written by
 * user space at run time. */
enum weft_origin {
	WEFT_ORIGIN_HERE = 0,	 /* the trace begins here */
	WEFT_ORIGIN_BEFORE = 1,	 /* requests of the connection carry trace contexts */
	WEFT_ORIGIN_UNKNOWN = 2, /* user space has not yet said which: map "origins" */
	WEFT_ORIGINS = 3
};
#define WEFT_KEEP_NONE 65536u

/* The literal parts of a file name pattern. The programs test only these, once per name;
 * user space tests the whole pattern and sets names that do not match to WEFT_FILE_IGNORE.
 * Texts are 16 bytes, compared under a mask: the beginning of the name, its end, and the
 * end of its folder's name (ends are right-aligned). */
#define WEFT_LITERAL 16
#define WEFT_PATTERNS 48

struct weft_literal {
	__weft_u64 text[2];
	__weft_u64 mask[2];
};

struct weft_pattern {
	struct weft_literal head;
	struct weft_literal tail;
	struct weft_literal folder;
	__weft_u8 min_name; /* length of the shortest name that can match */
	__weft_u8 min_folder;
	__weft_u8 use; /* enum weft_file_use */
	__weft_u8 pad[5];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_pattern) == 104, "weft_pattern");

#endif
