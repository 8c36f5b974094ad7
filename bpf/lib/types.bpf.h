/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Layer 0. Only the kernel types and fields that these programs read. Offsets are relocated
 * at load time (preserve_access_index), so order and gaps here have no meaning. */
#ifndef WEFT_TYPES_BPF_H
#define WEFT_TYPES_BPF_H

#include <linux/bpf.h>

#define __VMLINUX_H__ /* bpf_tracing.h then uses the kernel's names of pt_regs fields */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef __SIZE_TYPE__ size_t;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_MPTCP 262
#define MSG_OOB 1
#define MSG_PEEK 2
#define MSG_TRUNC 0x20
#define MSG_ERRQUEUE 0x2000
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define O_CREAT 0100
#define O_WRONLY 01
#define VM_EXEC 4
#define SYNC_FILE_RANGE_WAIT_AFTER 4
#define MAP_ANONYMOUS 0x20

#define RCV_SHUTDOWN 1

/* Socket states of inet_sock_set_state. */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_FIN_WAIT1 4
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

typedef struct {
	atomic64_t refcnt;
} file_ref_t;

struct list_head {
	struct list_head *next;
};

struct wait_queue_head {
	struct list_head head;
};
typedef struct wait_queue_head wait_queue_head_t;

struct socket_wq {
	wait_queue_head_t wait;
};

struct in6_addr {
	u8 in6_u[16];
};

struct sock_common {
	u16 skc_family;
	u8 skc_state;
	u16 skc_num;
	u16 skc_dport;
	u32 skc_rcv_saddr;
	u32 skc_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	struct in6_addr skc_v6_daddr;
};

struct socket;

struct upid {
	int nr;
};

struct pid {
	struct upid numbers[1]; /* the first one is of the initial pid namespace */
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_type;
	u16 sk_protocol;
	int sk_err;
	u8 sk_shutdown;
	struct socket *sk_socket;
	struct socket_wq *sk_wq;
	struct pid *sk_peer_pid;
};

struct inet_sock {
	u16 inet_sport;
};

struct tcp_ulp_ops {
	char name[16];
};

struct inet_connection_sock {
	const struct tcp_ulp_ops *icsk_ulp_ops;
};

struct tcp_sock {
	u32 snd_una;
	u64 bytes_acked;
	u32 write_seq;
	u32 copied_seq;
	u32 rcv_nxt;
	u8 syn_data : 1; /* bytes went with the SYN */
};

struct super_block {
	unsigned int s_dev;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	struct super_block *i_sb;
	struct hlist_head i_dentry;
};

struct qstr {
	u64 hash_len;
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	union {
		struct hlist_node d_alias;
	} d_u;
};

struct path {
	struct dentry *dentry;
};

struct file {
	atomic64_t f_count;
	struct inode *f_inode;
	struct path f_path;
	unsigned int f_flags;
	void *private_data;
};

/* Since 6.13 (90ee6ed776c0): holds the number of references minus one. */
struct file___ref {
	file_ref_t f_ref;
};

struct io_kiocb {
	struct file *file;
	u8 opcode;
};

struct io_uring_cqe {
	s32 res;
};

struct socket {
	struct file *file;
	struct sock *sk;
};

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

struct unix_sock {
	struct sock *peer;
};

struct iovec {
	void *iov_base;
	unsigned long iov_len;
};

enum iter_type {
	ITER_IOVEC = 1,
	ITER_UBUF = 0,
};

struct iov_iter {
	u8 iter_type;
	unsigned long iov_offset;
	unsigned long count;
	const struct iovec *__iov;
	void *ubuf;
	unsigned long nr_segs;
};

struct iov_iter___iov {
	const struct iovec *iov;
};

struct iov_iter___type {
	unsigned int type;
};

struct msghdr {
	struct iov_iter msg_iter;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct mm_struct {
	unsigned long start_code, start_stack, arg_start, arg_end, env_start, env_end;
};

struct signal_struct {
	atomic_t live;
};

struct thread_struct {
	unsigned long fsbase;
};

struct task_struct {
	struct thread_struct thread;
	void *stack;
	int pid;
	int tgid;
	unsigned long nvcsw;
	struct mm_struct *mm;
	struct files_struct *files;
	struct signal_struct *signal;
	struct task_struct *real_parent;
};

struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_flags;
	struct mm_struct *vm_mm;
	struct file *vm_file;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};

struct linux_binprm {
	const char *interp;
	int argc, envc;
};

#pragma clang attribute pop

/* User registers as saved by the syscall entry: a fixed layout, not relocated. */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	unsigned long ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

#include <bpf/bpf_tracing.h>

#endif
