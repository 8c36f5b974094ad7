/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records that the kernel side sends: one per fact, written to the per-CPU rings
 * by bpf/prog and read by agent/kernel. Valid C and C++. A recording holds the same
 * bytes, so a change here increments WEFT_ABI_VERSION.
 *
 * Every record begins with struct weft_event. Times are CLOCK_MONOTONIC
 * nanoseconds; pids are those of the initial pid namespace; addresses and ports
 * are in network byte order where the name says _be, else host order.
 */
#ifndef WEFT_EVENT_H
#define WEFT_EVENT_H

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wreserved-identifier" /* as the kernel names its own */
#endif
#ifdef __cplusplus
#include <cstdint>
typedef uint8_t __weft_u8;
typedef uint16_t __weft_u16;
typedef uint32_t __weft_u32;
typedef uint64_t __weft_u64;
typedef int64_t __weft_s64;
#define WEFT_STATIC_ASSERT static_assert
#else
typedef unsigned char __weft_u8;
typedef unsigned short __weft_u16;
typedef unsigned int __weft_u32;
typedef unsigned long long __weft_u64;
typedef long long __weft_s64;
#define WEFT_STATIC_ASSERT _Static_assert
#endif
#ifdef __clang__
#pragma clang diagnostic pop
#endif

#define WEFT_ABI_VERSION 4

enum weft_event_type {
	WEFT_EV_EXEC = 1,    /* weft_ev_exec: a process replaced its image */
	WEFT_EV_FORK = 2,    /* weft_ev_fork: a new process (not a thread) */
	WEFT_EV_EXIT = 3,    /* weft_event:   the last thread of a process ended */
	WEFT_EV_OPEN = 4,    /* weft_ev_open: a connection of interest, before its first data */
	WEFT_EV_DATA = 5,    /* weft_ev_data: bytes moved on a connection */
	WEFT_EV_CLOSE = 6,   /* weft_ev_close: one side, or the whole connection, ended */
	WEFT_EV_FILE = 7,    /* weft_ev_file: a file whose name matches, before its first FILE_IO */
	WEFT_EV_FILE_IO = 8, /* weft_ev_file_io: an operation on such a file */
	WEFT_EV_RENAME = 9,  /* weft_ev_rename: once a process has opened a file-per-entry log */
	WEFT_EV_CONTEXT =
	    11,		    /* weft_ev_context: the trace context of an exchange, before its data */
	WEFT_EV_PROBE = 10, /* weft_ev_probe: a probed function was called */
};

struct weft_event {
	__weft_u16 type; /* enum weft_event_type */
	__weft_u16 cpu;
	__weft_u32 size; /* of the whole record, this head included */
	__weft_u64 time;
	__weft_u32 pid; /* process (tgid); 0 where the event has no process */
	__weft_u32 tid;
};
WEFT_STATIC_ASSERT(sizeof(struct weft_event) == 24, "weft_event");

#define WEFT_COMM_LEN 16
#define WEFT_PATH_MAX 256
#define WEFT_ARGS_WHOLE 4096 /* in a longer block of arguments, each of them is truncated */
#define WEFT_ARGS_MAX 16384

/* Followed by args_len bytes of arguments, then env_len bytes of the two variables that name a
 * service (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES). A process that ends at once, or that
 * overwrites its arguments with a title, keeps its name this way. Each string ends with a NUL.
 * If the last byte of the arguments is not a NUL, some are missing; if that of the variables is
 * not, some may be missing and the last one is truncated. A redacted recording keeps only what
 * naming the process needs. */
struct weft_ev_exec {
	struct weft_event h;
	__weft_u32 ppid;
	__weft_u16 args_len;
	__weft_u16 env_len;
	__weft_u64 cgroup_id; /* cgroup v2 id (inode of its folder) */
	char comm[WEFT_COMM_LEN];
	char path[WEFT_PATH_MAX]; /* as given to execve; for a script, its interpreter */
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_exec) == 24 + 16 + 16 + 256, "weft_ev_exec");

struct weft_ev_fork {
	struct weft_event h; /* pid, tid: the parent's */
	__weft_u32 child_pid;
	__weft_u32 pad;
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_fork) == 32, "weft_ev_fork");

enum weft_role {
	WEFT_ROLE_UNKNOWN = 0,
	WEFT_ROLE_SERVER = 1, /* the traced process accepted the connection */
	WEFT_ROLE_CLIENT = 2, /* the traced process connected */
};

enum weft_family {
	WEFT_FAMILY_UNIX = 1,  /* = AF_UNIX */
	WEFT_FAMILY_IPV4 = 2,  /* = AF_INET */
	WEFT_FAMILY_IPV6 = 10, /* = AF_INET6 */
};

/* Addresses are 16 bytes: IPv6, or IPv4 in the first four (rest zero). For a Unix
 * socket both are zero and the inodes identify the two ends. If the connection began with a
 * preamble of the PROXY protocol, preamble_len bytes of it follow, up to the end of its
 * addresses (weft_preamble.h). Data begins after the whole preamble. */
struct weft_ev_open {
	struct weft_event h;
	__weft_u64 conn;       /* never reused while the agent runs */
	__weft_u64 sock;       /* kernel address of the socket, a map key only; 0 in a recording */
	__weft_u64 first_seen; /* when the kernel side first saw the socket */
	__weft_u64 inode;      /* Unix: this socket's inode */
	__weft_u64 peer_inode; /* Unix: the other end's inode, 0 unknown */
	/* 0: the bytes of the socket itself. Else they are of a layer above it, as a library's
	 * functions take and return them (the plaintext above TLS), and this is the socket's
	 * connection. */
	__weft_u64 transport;
	__weft_u8 local[16];
	__weft_u8 remote[16];
	__weft_u16 local_port;
	__weft_u16 remote_port;
	__weft_u16 family;  /* enum weft_family */
	__weft_u8 role;	    /* enum weft_role */
	__weft_u8 protocol; /* id of probes/protocol.def, found by the sniffers */
	__weft_u8 late;	    /* 1: opened before the agent saw it; positions are mid-stream */
	__weft_u8 preamble_len;
	__weft_u8 pad[6];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_open) == 24 + 48 + 32 + 8 + 8, "weft_ev_open");

enum weft_dir {
	WEFT_DIR_RX = 0, /* the traced process received */
	WEFT_DIR_TX = 1, /* the traced process sent */
};

#define WEFT_EXCHANGE_KEPT 1ull /* weft_ev_data.exchange_id, .current_exchange */

/* weft_ev_data.flags:
 *   DIR_CHANGE  first bytes in this direction after bytes in the other one
 *   POLLED      the socket is polled (epoll): the thread does not own it
 *   NO_SLEEP    the thread has not slept since current_exchange became current
 *   CREATED     current_exchange was current at connect()
 *   PRE_SEND    TX, captured before the bytes leave: the kernel may accept fewer than len
 *   NO_PAYLOAD  the bytes moved without a readable user buffer (splice, io_uring, …)
 *   RESUMED     exchanges before this one were left out: a request begins here, and what comes
 *               next in the other direction is its response
 *   UNDECIDED   kept whatever its randomness, until it is known who begins the connection's traces
 */
#define WEFT_DATA_DIR_CHANGE 0x01u
#define WEFT_DATA_POLLED 0x02u
#define WEFT_DATA_NO_SLEEP 0x04u
#define WEFT_DATA_CREATED 0x08u
#define WEFT_DATA_PRE_SEND 0x10u
#define WEFT_DATA_NO_PAYLOAD 0x20u
#define WEFT_DATA_RESUMED 0x40u
#define WEFT_DATA_UNDECIDED 0x80u

/* One send or receive, or one segment of a vectored one. `captured` bytes follow the
 * struct. Positions count bytes in the direction; on TCP their low 32 bits are the
 * sequence number of the first byte. Records may overlap (a retried send): the later
 * one repeats bytes at the same position. */
struct weft_ev_data {
	struct weft_event h;
	__weft_u64 conn;
	/* Exchange on this connection; the span id, never 0. The upper half is its randomness, the
	 * same at both ends of a TCP connection; WEFT_EXCHANGE_KEPT says whether its trace is kept.
	 */
	__weft_u64 exchange_id;
	__weft_u64 current_exchange; /* exchange current for the task just before, 0 unknown */
	__weft_u64 task;	     /* the thread's task, as its runtime names it; 0: the thread */
	__weft_u64 pos;		     /* position of the first byte */
	__weft_u32 len;		     /* bytes moved */
	__weft_u32 captured;	     /* how many of them follow; ≤ len */
	__weft_u8 dir;		     /* enum weft_dir */
	__weft_u8 flags;
	__weft_u16 threshold; /* of its exchange's decision (weft_config.h); 0: all were kept */
	/* The bytes moved this many microseconds before h.time: they were held back until later
	 * bytes showed the protocol. */
	__weft_u32 age;
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_data) == 24 + 40 + 8 + 8, "weft_ev_data");

/* A client's exchange carries this context from its first byte: the trace and the parent are
 * decided. Its span id is the exchange id. */
struct weft_ev_context {
	struct weft_event h;
	__weft_u64 exchange_id;
	__weft_u64 parent; /* exchange that its task works on */
	__weft_u8 trace_id[16];
	__weft_u8 trace_flags; /* W3C */
	__weft_u8 pad[7];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_context) == 24 + 16 + 16 + 8, "weft_ev_context");

/* weft_ev_close.how */
#define WEFT_CLOSE_TX 0x01u   /* this end sends no more (FIN sent, shutdown, close) */
#define WEFT_CLOSE_RX 0x02u   /* the peer sends no more (FIN received) */
#define WEFT_CLOSE_GONE 0x04u /* the socket is gone */
#define WEFT_CLOSE_OWN 0x08u  /* with GONE: the other end is the agent itself */

struct weft_ev_close {
	struct weft_event h; /* pid and tid 0: may run in interrupt context */
	__weft_u64 conn;
	__weft_u64 rx_end; /* TCP: position after the peer's last byte; 0: all were reported */
	/* Position after the last byte of each direction for which a record was made, even if
	 * that record was dropped; 0: none was since an exchange was left out. */
	__weft_u64 rx_pos;
	__weft_u64 tx_pos;
	__weft_u32 error; /* errno of the socket (ECONNRESET …), 0 none */
	__weft_u8 how;
	__weft_u8 pad[3];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_close) == 24 + 32 + 8, "weft_ev_close");

/* Identity of a file's name: a rename gives another. Key of the map "files". */
struct weft_file_key {
	__weft_u64 dentry; /* kernel addresses: map keys only; 0 in a recording */
	__weft_u64 parent;
	__weft_u64 name; /* hash and length, as the kernel keeps them */
};
WEFT_STATIC_ASSERT(sizeof(struct weft_file_key) == 24, "weft_file_key");

/* Why a file is watched; given by the pattern that its name matches. */
enum weft_file_use {
	WEFT_FILE_IGNORE = 0,
	WEFT_FILE_LOG = 1,     /* appended to and synced */
	WEFT_FILE_ENTRY = 2,   /* one file per log entry: open, bytes, close, rename are reported */
	WEFT_FILE_LIBRARY = 3, /* mapped to be executed: holds functions to probe */
};

#define WEFT_NAME_MAX 128
#define WEFT_FOLDER_MAX 64
#define WEFT_FOLDERS 6

/* Names are NUL terminated, longer ones truncated. Folders go from the nearest one up to the
 * root of the file system, which is "/" and fills the remaining entries. */
struct weft_ev_file {
	struct weft_event h;
	__weft_u64 file; /* never reused while the agent runs; another after a rename */
	struct weft_file_key key;
	__weft_u64 inode;
	__weft_u32 device; /* kernel's dev_t */
	__weft_u32 fd;	   /* the process's descriptor of it at this time */
	__weft_u32 flags;  /* as given to open(): O_DSYNC, O_DIRECT, … */
	__weft_u8 use;	   /* enum weft_file_use */
	__weft_u8 pattern; /* index in the table of patterns */
	__weft_u8 pad[2];
	char name[WEFT_NAME_MAX];
	char folders[WEFT_FOLDERS][WEFT_FOLDER_MAX];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_file) == 24 + 32 + 8 + 16 + 128 + 384, "weft_ev_file");

enum weft_file_op {
	WEFT_FILE_OPEN = 1, /* entries only */
	WEFT_FILE_WRITE = 2,
	WEFT_FILE_FSYNC = 3,
	WEFT_FILE_FDATASYNC = 4,
	WEFT_FILE_SYNC_RANGE = 5,
	WEFT_FILE_CLOSE = 6, /* entries only */
	WEFT_FILE_MAP = 7,   /* libraries only */
};

/* weft_ev_file_io.flags, in addition to WEFT_DATA_NO_SLEEP */
#define WEFT_IO_URING 0x40u /* by io_uring: from submission to completion */
#define WEFT_IO_SLEPT 0x80u /* the thread had slept in the enclosing call before it began */

/* h.time is the end. `captured` bytes of what was written follow (entries only). */
struct weft_ev_file_io {
	struct weft_event h;
	__weft_u64 file;
	__weft_u64 start;
	__weft_u64 current_exchange; /* exchange current for the task, 0 unknown */
	__weft_u64 task;	     /* as in weft_ev_data */
	__weft_s64 result;	     /* bytes, 0, or -errno */
	__weft_u32 fd;
	__weft_u32 captured;
	__weft_u8 op; /* enum weft_file_op */
	__weft_u8 flags;
	__weft_u16 within; /* weft_ev_probe.call of the innermost enclosing call; 0: unknown */
	__weft_u8 pad[4];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_file_io) == 24 + 40 + 8 + 8, "weft_ev_file_io");

#define WEFT_RENAME_MAX 256
struct weft_ev_rename {
	struct weft_event h;
	char from[WEFT_RENAME_MAX]; /* as given to rename(), truncated, NUL terminated */
	char to[WEFT_RENAME_MAX];
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_rename) == 24 + 512, "weft_ev_rename");

/* Bytes of an entry that are copied, at most. */
#define WEFT_ENTRY_MAX 4096

#define WEFT_PROBE_VALUES 8
#define WEFT_PROBE_TEXT 64	  /* bytes of text, for most probes */
#define WEFT_PROBE_LONG_TEXT 1024 /* bytes of text, for probes with long_text */

/* Whose functions are probed, and so what their calls mean. */
enum weft_target_kind {
	WEFT_KIND_ENGINE = 1,  /* probes/engine.def */
	WEFT_KIND_LIBRARY = 2, /* probes/library.def */
	WEFT_KIND_RUNTIME = 3, /* probes/runtime.def */
};

/* weft_ev_probe.flags, in addition to WEFT_DATA_NO_SLEEP */
#define WEFT_PROBE_SLEPT 0x10u	     /* the thread slept inside the call; never of a resumed one */
#define WEFT_PROBE_NO_TEXT 0x20u     /* the text's pointer is null or unreadable */
#define WEFT_PROBE_BUSY 0x40u	     /* the thread did log I/O, or waited, inside the call */
#define WEFT_PROBE_INTERRUPTED 0x80u /* ended by a FINISH probe, not by its own return */

/* A call of a probed function, from start to h.time. For a point they are the same. The part
 * of the text that does not fit its field follows the struct. */
struct weft_ev_probe {
	struct weft_event h;
	__weft_u64 start;
	__weft_u64 current_exchange;
	__weft_u64 task;    /* as in weft_ev_data */
	__weft_u64 result;  /* return value; 0 for a point */
	__weft_u16 probe;   /* index in the map "probes" */
	__weft_u16 within;  /* `call` of the enclosing call on the thread; 0: none */
	__weft_u32 missing; /* bit i: value i could not be read and is 0 */
	__weft_u8 flags;
	__weft_u8 target_kind; /* enum weft_target_kind */
	__weft_u8 target;      /* id in the .def file of the kind */
	__weft_u8 number;      /* the target's own number for the function */
	__weft_u16 text_len;   /* 0: none */
	__weft_u16 call;       /* number of the call on its thread, 1…65535, reused; 0: unknown */
	__weft_u64 value[WEFT_PROBE_VALUES];
	char text[WEFT_PROBE_TEXT]; /* not terminated */
};
WEFT_STATIC_ASSERT(sizeof(struct weft_ev_probe) == 24 + 32 + 8 + 8 + 64 + 64, "weft_ev_probe");

/* Bytes that one data record carries at most: the largest size class of bpf/lib/emit. */
#define WEFT_DATA_MAX 16384

#endif
