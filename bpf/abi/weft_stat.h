/* SPDX-License-Identifier: Apache-2.0 */
/* What did not become a record. What did, user space counts: nothing is counted twice, and
 * the common path touches no counter. Indices of the per-CPU array map "stats". A name is shown by
 * `weft status` and on /metrics, so the list is one table for both sides. */
#ifndef WEFT_STAT_H
#define WEFT_STAT_H

/* X(NAME, text, is_loss) */
#define WEFT_STATS(X)                                                                              \
	X(DROP_RING, "ring_full", 1)		       /* record lost: ring full */                \
	X(DROP_CONN, "connection_table_full", 1)       /* connection not followed */               \
	X(DROP_TASK, "task_table_full", 1)	       /* thread's exchange not remembered */      \
	X(FAULT, "buffer_unreadable", 1)	       /* user buffer paged out or unmapped */     \
	X(SEGMENTS, "too_many_segments", 1)	       /* iovec entries beyond the bound */        \
	X(UNSEEN_URING, "io_uring_unseen", 1)	       /* moved by io_uring: no buffer */          \
	X(UNSEEN_SPLICE, "splice_unseen", 0)	       /* sendfile, splice: bodies, counted */     \
	X(UNSEEN_OTHER, "other_unseen", 1)	       /* kernel sender, 32-bit task, … */       \
	X(UNCLASSIFIED, "unclassified_connections", 0) /* given up: no known protocol */           \
	X(DENIED, "denied_process", 0)		       /* connections of processes not wanted */

enum weft_stat {
#define WEFT_STAT_ENUM(name, text, loss) WEFT_STAT_##name,
	WEFT_STATS(WEFT_STAT_ENUM)
#undef WEFT_STAT_ENUM
	    WEFT_STAT_COUNT
};

#endif
