/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 1. All shared maps and knobs. Each object defines them __weak; linking leaves one. */
#ifndef WEFT_MAPS_BPF_H
#define WEFT_MAPS_BPF_H

#include "bpf/abi/weft_config.h"
#include "bpf/abi/weft_lane.h"
#include "bpf/abi/weft_preamble.h"
#include "bpf/abi/weft_probe.h"
#include "bpf/abi/weft_sniff.h"
#include "bpf/abi/weft_stat.h"
#include "bpf/lib/compat.bpf.h"

#define LANE_BYTES 65536 /* of this prototype; the real size is set at load */

/* Knobs: set by user space before load. */
const volatile u32 cfg_self_pid __weak = 0;   /* the agent's own tgid: never traced */
const volatile u32 cfg_head_req __weak = 0;   /* bytes copied per request message */
const volatile u32 cfg_head_resp __weak = 0;  /* bytes copied per response message */
const volatile u32 cfg_tcp_before __weak = 0; /* 1: a hook runs before TCP bytes leave */
const volatile u32 cfg_shadows __weak = 0;    /* 1: each program is attached twice */
/* Of records in a lane; 0: there are no lanes. */
const volatile u32 cfg_lane_bytes __weak = LANE_BYTES;
const volatile struct weft_protocol_knobs cfg_protocol[256] __weak = {};
const volatile u32 cfg_uring_cqe __weak = 0; /* 1: io_uring_complete passes the completion */
const volatile u32 cfg_patterns __weak = 0;  /* entries of cfg_pattern in use */
const volatile struct weft_pattern cfg_pattern[WEFT_PATTERNS] __weak = {};

/* 1 once any process has opened a file-per-entry log: from then on close and rename matter. */
u32 weft_entries __weak = 0;

/* Written at run time by user space (mapped .bss). */
u32 weft_wake __weak = 0;	/* enum weft_wake */
u32 weft_file_calls __weak = 0; /* 1: file operations are observed */
u32 weft_asked __weak = 0;	/* incremented when they no longer are: a write asks again */
u32 weft_overrides __weak = 0;	/* 0 until the first capture override: saves the look-up */
u32 weft_limited __weak = 0;	/* 1: not every exchange is kept */
u32 weft_thresholds[WEFT_ORIGINS] __weak = {};
u32 weft_own __weak = 0; /* OWN_*: written by programs, see own.bpf.h */
/* Incremented when an entry of "targets" changes; by the exec hook too. */
u32 weft_decisions __weak = 0;

/* Key CPU, value a ring buffer; created by user space for each possible CPU. Written by
 * programs. Full: the record is dropped and counted (ring_full). */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* of this prototype; the real ones are sized at start */
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* number of CPUs, set at load */
	__type(key, u32);
	__array(values, struct ring);
} rings __weak SEC(".maps");

/* Key CPU. Read and written by user space and programs: see weft_lane.h. Full: the record is
 * dropped and counted (ring_full). Sized at load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__uint(value_size, WEFT_LANE_VALUE(LANE_BYTES));
} lanes __weak SEC(".maps");

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

/* Key tgid, value enum weft_target_decision; writers and deleters: see weft_config.h. Full: the
 * process stays undecided, which means captured. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u32);
	__type(value, u32);
} targets __weak SEC(".maps");

/* Key connection id. Written by user space, read at a direction change, deleted with the socket.
 * Full: the least recently used entry is evicted, its connection returns to the default. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct weft_capture_override);
} overrides __weak SEC(".maps");

/* struct layer: flags */
#define LAYER_OPENED 0x01  /* WEFT_EV_OPEN was sent */
#define LAYER_LATE 0x02	   /* first seen after its connection was established */
#define LAYER_STARTED 0x04 /* bytes have moved: last_dir is valid */
#define LAYER_IGNORED 0x08 /* by override, unclassified for good, or never to be reported */
#define LAYER_LOOKING 0x10 /* the sniffers may still recognise the current message */
#define LAYER_KEPT 0x20	   /* "looks" has an entry */
/* By direction, LAYER_REPORTED << enum weft_dir: */
#define LAYER_REPORTED 0x40   /* bytes were reported, or their record was dropped (ring full) */
#define LAYER_LEFT_OUT 0x100  /* the current exchange is not reported */
#define LAYER_PLACED 0x200    /* it is known who begins its traces */
#define LAYER_CONTINUED 0x400 /* others do: requests carry trace contexts */

/* struct conn: flags */
#define CONN_EARLY 0x01	  /* moved bytes before it was established */
#define CONN_COUNTED 0x02 /* the socket has no positions, they are counted here: Unix, MPTCP */
#define CONN_OWN 0x04	  /* the agent made the connection */
#define CONN_COVERED 0x08 /* a layer above has the messages: its own bytes are ignored */
/* By direction, CONN_CROWDED << enum weft_dir: */
#define CONN_CROWDED 0x10 /* counted: several threads moved bytes since the direction change */
#define CONN_UNSURE 0x40  /* calls overlapped: the order of their bytes is not known */

enum iov_kind { IOV_NONE, IOV_BUFFER, IOV_KERNEL_VECTOR, IOV_USER_VECTOR };

/* Where the bytes of a call are: one buffer, or a vector. */
struct iov {
	u64 base;	/* IOV_BUFFER: user address; else address of the current iovec */
	u64 skip;	/* bytes to skip */
	u32 kind;	/* enum iov_kind */
	u32 segments;	/* iovecs from the current one on */
	u32 recv_flags; /* MSG_* of a receive */
	u32 pad;
};

#define LOOK_PREAMBLE ((WEFT_PREAMBLE_MAX + 7) / 8 * 8)

/* Bytes of a connection that is not classified yet: the beginning of the current message, and
 * the PROXY preamble before the first one. */
struct look {
	u64 pos;  /* of the first of these bytes */
	u64 time; /* of the call that moved it */
	u64 end;  /* position after the preamble */
	u8 len;	  /* bytes of the message, fewer than WEFT_SNIFF_LEN */
	u8 preamble_len;
	u8 opening; /* 1: `preamble` holds the first bytes, which may still not be a preamble */
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
	u64 task;
	u64 pos;
	u32 len; /* of the segment */
	u32 age;
	u8 dir;
	u8 flags;
	u16 threshold;
	u8 again; /* as in struct cursor */
};

/* State of a layer before a call that may have to be handled again. */
struct layer_before {
	u64 exchange_id;
	u64 parent;
	u64 hint;
	u64 tx_pos;
	u32 budget;
	u16 flags;
	u8 last_dir;
	u8 parent_flags;
};

/* An object of a library in a process: an SSL, a descriptor plus one. */
struct object_key {
	u64 id; /* never 0 */
	u32 pid;
	u32 pad;
};

/* Small segments are gathered: one record for each would cost more than copying. */
#define GATHER_MAX 1024	 /* bytes of one record */
#define GATHER_PIECE 256 /* larger segments are not gathered */

/* Scratch of one run of a program: the call that it handles. It is in a map because the verifier
 * does not track values in map memory: paths that differ only in these values are one path to
 * it, and the programs stay far below its limit. On the stack they would exceed it. */
struct cursor {
	struct iov iov;
	u64 pos; /* of the first byte not yet reported */
	u64 current_exchange;
	u64 task; /* of the caller; 0: the thread */
	u64 now;
	u64 sk;			  /* the socket */
	struct object_key object; /* whose layer it is; id 0: the socket's own bytes */
	u64 conn;		  /* id */
	u64 exchange_id;
	u32 left;      /* bytes of the call neither reported nor gathered yet */
	u32 allowed;   /* bytes of the call that may still be copied */
	u32 least;     /* bytes of the call copied even if the message's budget is spent */
	u32 tail;      /* bytes to copy of the call's end */
	u32 flags;     /* WEFT_DATA_* */
	u8 dir;	       /* enum weft_dir */
	u8 head_only;  /* 1: what is not copied is reported after the call */
	u8 known;      /* 1: the connection has a protocol */
	u8 again;      /* 1: bytes that cannot be read are reported after the call */
	u16 threshold; /* of the exchange */
	u8 kept;       /* the exchange that begins is kept */
	u8 out;	       /* it is left out */
	u32 age;       /* the bytes moved this many microseconds before now */
	u32 have;      /* bytes gathered */
	u32 want;      /* bytes to gather */
	struct layer_before before;
	struct emit_data data; /* of the next record */
	struct look look;
	struct weft_ev_data record; /* its bytes, the gathered ones, follow */
	u8 bytes[GATHER_MAX + GATHER_PIECE];
};

/* One cursor for each program, so that programs that interrupt each other on a CPU do not
 * overwrite each other's. No program interrupts itself: see
 * docs/decisions/scratch-of-a-program.md. */
#define CURSOR_PLAINS 4
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
	CURSOR_PLAIN, /* and the next ones: a uprobe's program may be preempted by its next run */
	CURSOR_PLACES = CURSOR_PLAIN + CURSOR_PLAINS
};
/* Key enum cursor_place. Shadow programs (cfg_shadows) use "cursors_shadow" instead: user space
 * swaps the maps when it loads them. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CURSOR_PLACES);
	__type(key, u32);
	__type(value, struct cursor);
} cursors __weak SEC(".maps"), cursors_shadow __weak SEC(".maps");

/* State of one layer of bytes: what the socket moves, or what a library makes of it. */
struct layer {
	u64 id;
	u64 exchange_id; /* current exchange */
	u64 parent;	 /* client role: current exchange of the sending task at the request */
	u64 hint;	 /* client role: exchange current at connect(), for the first request */
	u64 rx_pos;	 /* position after the last byte reported */
	u64 tx_pos;
	u32 budget;  /* bytes of this message that may still be copied */
	u16 flags;   /* LAYER_* */
	u8 role;     /* enum weft_role */
	u8 protocol; /* 0: not classified */
	u8 last_dir;
	u8 tries;	 /* messages that no sniffer recognised */
	u8 parent_flags; /* WEFT_DATA_NO_SLEEP | _CREATED, at the request */
	u8 status;	 /* enum weft_status, of an exchange that is left out */
	u16 threshold;	 /* of the current exchange's decision */
	u8 pad[2];
	u64 begun; /* an exchange that is left out: time of its first byte */
	u64 moved; /* and of the last one so far */
};

/* State of a stream socket. */
struct conn {
	struct layer wire; /* what the socket moves */
	u64 first_seen;
	u64 inode;    /* Unix: distinguishes a reused address from the same socket */
	u64 decided;  /* the last caller's target decision: see conn__denied */
	u32 begin[2]; /* TCP, by enum weft_dir: sequence numbers of the first bytes */
	u32 mover[2]; /* by enum weft_dir: the thread that moved bytes last */
	u16 family;
	u16 flags; /* CONN_* */
	u8 pad[4];
};

/* Key address of struct sock, TCP only. Written by programs, deleted when the socket is destroyed.
 * Full: the connection is not followed (connection_table_full). Sized at load. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, struct conn);
} conns __weak SEC(".maps");

/* The same for Unix sockets, whose end has no tracepoint, and MPTCP (deleted at TCP_CLOSE).
 * Full: the least recently used one is evicted. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct conn);
} unix_conns __weak SEC(".maps");

/* Key connection id. Written while the sniffers need several calls, deleted when WEFT_EV_OPEN is
 * sent. Full: the least recently used one is evicted, its message stays unknown. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct look);
} looks __weak SEC(".maps");

/* State of a layer above a socket. */
struct plain {
	struct layer layer;
	u64 sk;	       /* of the connection below */
	u64 transport; /* its id */
};
/* Key: the library's object. Written when a socket moves bytes inside a call on the object. Never
 * deleted: an object at the same address begins anew with its next connection. Full: the least
 * recently used one is evicted, its connection is not reported any more. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct object_key);
	__type(value, struct plain);
} plains __weak SEC(".maps");

struct own_key {
	u32 sent; /* sequence numbers of the first bytes, as seen by the other end */
	u32 received;
};
/* Connections of the agent itself. Written when one is established, or first read from. Never
 * deleted. Full: the least recently used one is evicted, long after its other end looked it up. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct own_key);
	__type(value, u8);
} own_conns __weak SEC(".maps");

struct task_exchange {
	u64 exchange_id; /* the task's current exchange; 0 unknown */
	u64 nvcsw; /* voluntary switches of its thread at that time: unchanged = the thread has not
		    * slept since */
};
/* Key tid, for threads that are their own task. Written on receive, deleted when the thread ends.
 * Full: the thread has no current exchange (task_table_full). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u32);
	__type(value, struct task_exchange);
} tasks __weak SEC(".maps");

struct task_key {
	u64 id; /* see task_id.bpf.h */
	u32 pid;
	u32 pad;
};
/* The same for tasks of a runtime. Deleted when a probe says that the task has ended; runtimes
 * need not say it. Full: the least recently used one is evicted and has no current exchange. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct task_key);
	__type(value, struct task_exchange);
} runtime_tasks __weak SEC(".maps");

struct file_state {
	u64 id;
	u32 use; /* enum weft_file_use */
	u32 pad;
};
/* Every file name used recently, wanted or not. Written by programs; user space overrides a
 * name with WEFT_FILE_IGNORE. Never deleted. Full: the least recently used name is evicted and
 * matched again at its next use; a wanted file then gets another id. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct weft_file_key);
	__type(value, struct file_state);
} files __weak SEC(".maps");

struct written_name {
	u32 asked;   /* weft_asked + 1 when the file was announced; 0: no pattern fits */
	u32 changes; /* of the file, counted as WEFT_STAT_FILE_EARLY */
};
/* The same for names of files that were written while file operations were not observed. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct weft_file_key);
	__type(value, struct written_name);
} written_names __weak SEC(".maps");

static __always_inline void stat__add(enum weft_stat which, u64 n)
{
	u32 zero = 0;
	struct weft_stats *s = bpf_map_lookup_elem(&stats, &zero);

	if (s)
		s->count[which] += n;
}

#endif
