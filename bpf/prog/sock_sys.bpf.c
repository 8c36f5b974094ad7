// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets with a syscall tracepoint, the last hook type of the fallback chain: every system call
 * of every task runs this program at its end, so it tests the call's number first. The saved
 * registers still hold the arguments, so no entry hook is needed. */
#include "bpf/lib/sock.bpf.h"

static __always_inline struct sock *sys__sock(u32 fd)
{
	const struct file *file = task__file(fd);
	struct socket *sock;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	sock = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(sock, sk);
}

struct sys_message {
	u64 header[7]; /* struct user_msghdr */
	u32 len, pad;
};

/* Messages of a *mmsg call are read in up to SYS_ROUNDS rounds of SYS_ROUND: together UIO_MAXIOV,
 * as many as a call may have. */
#define SYS_ROUND 32
#define SYS_ROUNDS 32

/* Bytes of the next SYS_ROUND messages, of which `n` are left. */
__weak u64 sys__round_bytes(u64 vector, u64 n)
{
	struct sys_message m;
	u64 total = 0;

	for (u32 i = 0; i < SYS_ROUND && i < n; i++, vector += sizeof(m))
		if (!bpf_probe_read_user(&m, sizeof(m), (void *)vector))
			total += m.len;
	return total;
}

/* Bytes moved by a *mmsg call that returned `n` messages. One message is usual; the bytes of
 * several cannot be told apart and are only counted. */
__weak u64 sys__mmsg_bytes(u64 vector, u64 n)
{
	u64 total = 0, round = SYS_ROUND * sizeof(struct sys_message);

	for (u32 i = 0; i < SYS_ROUNDS && i * SYS_ROUND < n; i++)
		total += sys__round_bytes(vector + i * round, n - i * SYS_ROUND);
	return total;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_moved, struct pt_regs *regs, long ret)
{
	struct sock *sk = NULL;
	bool send = false;

	if (ret <= 0)
		return 0;
	switch (regs->orig_ax) {
	case NR_write:
	case NR_writev:
	case NR_pwritev2:
	case NR_sendto:
	case NR_sendmsg:
	case NR_sendfile:
		send = true;
		break;
	case NR_read:
	case NR_readv:
	case NR_preadv2:
	case NR_recvfrom:
	case NR_recvmsg:
		break;
	case NR_sendmmsg:
		send = true;
		ret = sys__mmsg_bytes(regs->si, ret);
		break;
	case NR_recvmmsg:
		ret = sys__mmsg_bytes(regs->si, ret);
		break;
	case NR_splice: /* between a socket and a pipe */
		sk = sys__sock(regs->di);
		send = !sk;
		break;
	default:
		return 0;
	}
	if (!sk)
		sk = sys__sock(regs->orig_ax == NR_splice ? regs->dx : regs->di);
	if (!sk)
		return 0;
	if (send)
		sock__sent(CURSOR_SYSCALL, sk, ret);
	else
		sock__received(CURSOR_SYSCALL, sk, ret, iov__recv_flags(regs));
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
