/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 1. Every map and knob. Defined __weak in each object, one after linking. */
#ifndef WEFT_MAPS_BPF_H
#define WEFT_MAPS_BPF_H

#include "bpf/abi/weft_config.h"
#include "bpf/abi/weft_preamble.h"
#include "bpf/abi/weft_probe.h"
#include "bpf/abi/weft_sniff.h"
#include "bpf/abi/weft_stat.h"
#include "bpf/lib/compat.bpf.h"

/* Knobs: set by user space before load. */
const volatile u32 cfg_self_pid __weak = 0;   /* the agent's own tgid: never traced */
const volatile u32 cfg_head_req __weak = 0;   /* bytes copied per request message */
const volatile u32 cfg_head_resp __weak = 0;  /* bytes copied per response message */
const volatile u32 cfg_tcp_before __weak = 0; /* 1: a hook sees TCP sends before they leave */
const volatile u32 cfg_shadows __weak = 0;    /* 1: each program is attached twice */
/* Bytes copied of the end of each call of a protocol, by its id; at most GATHER_MAX. */
const volatile u16 cfg_tail[256] __weak = {};
const volatile u32 cfg_uring_cqe __weak = 0; /* 1: io_uring_complete passes the completion */
const volatile u32 cfg_patterns __weak = 0;  /* entries of cfg_pattern in use */
const volatile struct weft_pattern cfg_pattern[WEFT_PATTERNS] __weak = {};

/* 1 once any process has opened a file-per-entry log: closing and renaming matter then. */
u32 weft_entries __weak = 0;

/* Written at run time by user space (mapped .bss). */
u32 weft_idle __weak = 0;      /* 1: the reader sleeps and wants to be woken by the next record */
u32 weft_overrides __weak = 0; /* 0 until the first wish: saves the look-up */
u32 weft_own __weak = 0;       /* OWN_*: written by programs, see own.bpf.h */
u32 weft_decisions __weak = 0; /* changes with any entry of "targets"; at an exec, from here too */

/* One ring per CPU, created by user space for each possible CPU. Full: the record is
 * dropped and counted (ring_full). */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the prototype's; the real ones are sized at start */
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* number of CPUs, set at load */
	__type(key, u32);
	__array(values, struct ring);
} rings __weak SEC(".maps");

struct weft_stats {
	u64 count[WEFT_STAT_COUNT];
};
/* Key 0. Written by programs, read and summed by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct weft_stats);
} stats __weak SEC(".maps");

/* Key tgid, value enum weft_target_decision: see weft_config.h. Full: the process stays
 * undecided, that is captured. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u32);
	__type(value, u32);
} targets __weak SEC(".maps");

/* Key connection id, written by user space, read at a direction change, deleted with the socket.
 * Full: the least recently used wish is forgotten, its connection has the default. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct weft_capture_override);
} overrides __weak SEC(".maps");

#define CONN_OPENED 0x01  /* WEFT_EV_OPEN was sent */
#define CONN_LATE 0x02	  /* first seen after it was established */
#define CONN_STARTED 0x04 /* bytes have moved: last_dir means something */
#define CONN_IGNORED 0x08 /* by wish, given up, or never to be told of */
#define CONN_LOOKING 0x10 /* the message under way may still turn out to be a protocol's */
#define CONN_KEPT 0x20	  /* "looks" has an entry */
#define CONN_EARLY 0x40	  /* moved bytes before it was established */
#define CONN_COUNTED 0x80 /* positions are counted, the socket has none: Unix, MPTCP */
/* By direction, CONN_CROWDED << enum weft_dir: */
#define CONN_CROWDED 0x100 /* counted: several threads moved bytes since the direction change */
#define CONN_UNSURE 0x400  /* a call overlapped others: whose bytes came first is not known */
#define CONN_OWN 0x1000	   /* the agent has connected it */
/* By direction, CONN_TOLD << enum weft_dir: */
#define CONN_TOLD 0x2000 /* bytes were told of, or dropped for want of room */

enum iov_kind { IOV_NONE, IOV_BUFFER, IOV_KERNEL_VECTOR, IOV_USER_VECTOR };

/* Where the bytes of a call are: one buffer, or a vector. */
struct iov {
	u64 base;	/* IOV_BUFFER: user address; else address of the current iovec */
	u64 skip;	/* bytes to pass over */
	u32 kind;	/* enum iov_kind */
	u32 segments;	/* iovecs from the current one on */
	u32 recv_flags; /* MSG_*, of a receive */
	u32 pad;
};

#define LOOK_PREAMBLE ((WEFT_PREAMBLE_MAX + 7) / 8 * 8)

/* What is remembered of a connection's bytes while it is not known what they are: the
 * beginning of the message under way, and the preamble before the first one. */
struct look {
	u64 pos;  /* of the first of these bytes */
	u64 time; /* of the call that moved it */
	u64 end;  /* behind the preamble */
	u8 len;	  /* bytes of the message, fewer than WEFT_SNIFF_LEN */
	u8 preamble_len;
	u8 opening; /* 1: the preamble's bytes are those so far, it may still not be one */
	u8 pad[5];
	u8 bytes[WEFT_SNIFF_LEN];
	u8 preamble[LOOK_PREAMBLE];
};

/* What the records of one call share. */
struct emit_data {
	u64 now;
	u64 conn;
	u64 exchange_id;
	u64 current_exchange;
	u64 pos;
	u32 len; /* of the segment */
	u32 age;
	u8 dir;
	u8 flags;
};

/* Small segments are gathered: a record of its own each would cost more than copying. */
#define GATHER_MAX 1024	 /* bytes of one record */
#define GATHER_PIECE 256 /* larger segments are not gathered */

/* Scratch of one run of a program: the call it was run for. In a map, not on the stack,
 * because the verifier forgets what it knows of map memory: paths that differ only in these
 * values are one path to it, and the programs stay far below its limit (on the stack: above). */
struct cursor {
	struct iov iov;
	u64 pos; /* of the first byte not yet reported */
	u64 current_exchange;
	u64 now;
	u64 sk;	  /* the socket */
	u64 conn; /* id */
	u64 exchange_id;
	u32 left;     /* bytes of the call not yet reported, nor gathered */
	u32 allowed;  /* bytes of the call that may still be copied */
	u32 least;    /* copied of the call though the message's budget is spent */
	u32 tail;     /* bytes to copy of the call's end */
	u32 flags;    /* WEFT_DATA_* */
	u8 dir;	      /* enum weft_dir */
	u8 head_only; /* 1: what is not copied is told after the call */
	u8 known;     /* 1: the connection has a protocol */
	u8 pad;
	u32 have;	       /* bytes gathered */
	u32 want;	       /* as far as they are gathered */
	struct emit_data data; /* of the next record */
	struct look look;
	struct weft_ev_data record; /* of the bytes gathered, which follow */
	u8 bytes[GATHER_MAX + GATHER_PIECE];
};

/* A place for each program, so that what one program had begun on a CPU no other program
 * there overwrites. Nor does the same: see docs/decisions/scratch-of-a-program.md. */
enum cursor_place {
	CURSOR_FENTRY_SENDING,
	CURSOR_FENTRY_SENT,
	CURSOR_FENTRY_SENDPAGE,
	CURSOR_FENTRY_RECVD,
	CURSOR_FENTRY_RECVD6,
	CURSOR_FENTRY_UNIX_SENT,
	CURSOR_FENTRY_UNIX_RECVD,
	CURSOR_FENTRY_UNIX_SENDPAGE,
	CURSOR_FENTRY_UNIX_SPLICED,
	CURSOR_FENTRY_MPTCP_SENT,
	CURSOR_TP_SENDING,
	CURSOR_TP_SENT,
	CURSOR_TP_RECVD,
	CURSOR_KPROBE_SENDING,
	CURSOR_KPROBE_SENT,
	CURSOR_KPROBE_RECVD,
	CURSOR_KPROBE_RECEIVED,
	CURSOR_SYSCALL,
	CURSOR_PLACES
};
/* Key enum cursor_place. The second copy of a program (cfg_shadows) has "cursors_shadow" in the
 * place of this map: user space exchanges them when it loads the copy. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CURSOR_PLACES);
	__type(key, u32);
	__type(value, struct cursor);
} cursors __weak SEC(".maps"), cursors_shadow __weak SEC(".maps");

/* What the kernel side remembers of a stream socket. */
struct conn {
	u64 id;
	u64 born;
	u64 inode;	 /* Unix: to tell a reused address from the same socket */
	u64 exchange_id; /* current exchange */
	u64 parent;	 /* client role: exchange of the sending thread at the request */
	u64 hint;	 /* client role: exchange current at connect(), for the first request */
	u64 rx_pos;	 /* after the last byte reported */
	u64 tx_pos;
	u64 send_end;	/* end of the send last seen by the before-hook */
	u64 send_pos;	/* its first byte */
	u64 send_call;	/* thread << 32 | low half of the position at which its send began */
	u64 decided;	/* the last caller's decision: see conn__denied */
	u32 budget;	/* bytes still to copy of this message */
	u32 begin[2];	/* TCP, by enum weft_dir: sequence numbers of the first bytes */
	u32 handled[2]; /* counted, by enum weft_dir: see place__handled */
	u32 mover[2];	/* by enum weft_dir: the thread that last moved bytes */
	u16 family;
	u16 flags;   /* CONN_* */
	u8 role;     /* enum weft_role */
	u8 protocol; /* 0: not classified */
	u8 last_dir;
	u8 tries;	 /* turns sniffed in vain */
	u8 parent_flags; /* WEFT_DATA_NO_SLEEP | _CREATED, as of the request */
	u8 pad[3];
};

/* Key address of struct sock. TCP: deleted when the socket is destroyed. Full: the
 * connection is not followed (connection_table_full). Sized at load. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, struct conn);
} conns __weak SEC(".maps");

/* The same for Unix sockets, whose end has no tracepoint, and MPTCP: least recently used goes. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct conn);
} unix_conns __weak SEC(".maps");

/* Key connection id. Written while a connection is looked at over several calls, deleted when
 * it is opened. Full: the least recently used one is forgotten, its message is not known. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct look);
} looks __weak SEC(".maps");

struct own_key {
	u32 sent; /* sequence numbers of the first bytes, as the end that asks knows them */
	u32 received;
};
/* Connections of the agent itself. Written when one is established, or first read from. Never
 * deleted: least recently used goes, long after its other end has asked. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct own_key);
	__type(value, u8);
} own_conns __weak SEC(".maps");

struct task_exchange {
	u64 exchange_id; /* exchange the thread works on; 0 unknown */
	u64 nvcsw;	 /* voluntary switches when it became so: unchanged = did not sleep since */
};
/* Key tid. Written on receive, deleted when the thread ends. Full: counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u32);
	__type(value, struct task_exchange);
} tasks __weak SEC(".maps");

struct file_state {
	u64 id;
	u32 use; /* enum weft_file_use */
	u32 pad;
};
/* Every file name that was written to of late, wanted or not. Written here; user
 * space takes a name back by writing WEFT_FILE_IGNORE. Full: the least recently used name is
 * decided on anew, a wanted file gets another id then. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct weft_file_key);
	__type(value, struct file_state);
} files __weak SEC(".maps");

#define THREAD_NEST 4 /* probed calls within each other; deeper ones are not followed */

struct thread_call {
	u64 sp;	 /* of the caller's stack: nothing deeper than this outlives the call */
	u64 who; /* the object the call is about, which its return does not know; or the tid */
	u32 call;
	u16 number; /* of this call on its thread */
	u16 pad;
};
struct thread {
	u64 io_count; /* things done to logs, and waits: a call during which this changes is busy */
	u32 depth;
	u16 numbers; /* the last one given */
	u16 pad;
	struct thread_call within[THREAD_NEST]; /* the outermost first */
};
/* Key tid: threads of engines. Changed in place, for it is done for each row of a query. Full:
 * the least recently used goes, its calls under way look idle or are not told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct thread);
} threads __weak SEC(".maps");

static __always_inline void stat__add(enum weft_stat which, u64 n)
{
	u32 zero = 0;
	struct weft_stats *s = bpf_map_lookup_elem(&stats, &zero);

	if (s)
		s->count[which] += n;
}

#endif
