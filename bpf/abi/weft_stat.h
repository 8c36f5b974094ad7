/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of what did not become a record: values of the per-CPU array map "stats". User space
 * counts the records themselves, so nothing is counted twice and the common path touches no
 * counter. `weft status` and /metrics show these names. */
#ifndef WEFT_STAT_H
#define WEFT_STAT_H

/* X(NAME, text, kind, help). Kinds: CounterKind in agent/admin/counter_table.h; Lost is what
 * should have become a span and did not. */
#define WEFT_STATS(X)                                                                              \
	X(DROP_RING, "ring_full", Lost, "record lost: the ring was full")                          \
	X(DROP_CONN, "connection_table_full", Lost, "connection not followed")                     \
	X(DROP_TASK, "task_table_full", Noted,                                                     \
	  "thread's exchange not remembered: a parent may be missing")                             \
	X(DROP_LEFT_OUT, "left_out_table_full", Lost, "request left out and not counted")          \
	X(FAULT, "buffer_unreadable", Lost, "user buffer paged out or unmapped")                   \
	X(SEGMENTS, "too_many_segments", Lost, "iovec entries beyond the bound")                   \
	X(UNSEEN_URING, "io_uring_unseen", Lost, "moved by io_uring: no buffer")                   \
	X(UNSEEN_SPLICE, "splice_unseen", Seen, "sendfile, splice: bodies, their length is known") \
	X(UNSEEN_OTHER, "other_unseen", Lost,                                                      \
	  "kernel sender, 32-bit task, other ways without a buffer")                               \
	X(ENVIRONMENT, "environment_cut", Noted,                                                   \
	  "new program whose environment was not read in full: it may lack its name")              \
	X(UNCLASSIFIED, "unclassified_connections", Unwanted, "connection of no known protocol")   \
	X(DENIED, "denied_process", Unwanted, "connection of a process that is not traced")        \
	X(OVERRIDE, "large_message_not_granted", Noted,                                            \
	  "no more than usual copied of a message: the ring was over a quarter full")              \
	X(OTHER_STREAM, "other_stream_calls", Lost, "on SCTP, SMC, vsock: not followed")           \
	X(FILE_EARLY, "file_writes_before_hooks", Lost,                                            \
	  "changes to a log before file operations were hooked, which its first write asks for")   \
	X(NO_CURSOR, "library_calls_preempted", Lost,                                              \
	  "bytes of a library's call: too many of its probes were preempted")

enum weft_stat {
#define WEFT_STAT_ENUM(name, text, kind, help) WEFT_STAT_##name,
	WEFT_STATS(WEFT_STAT_ENUM)
#undef WEFT_STAT_ENUM
	    WEFT_STAT_COUNT
};

#endif
