/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that are observed: the one list behind the numbers (bpf/lib/iov), the programs
 * (bpf/prog/file_fentry) and the hook table (agent/kernel/hooks). Numbers are those of x86-64. */
#ifndef WEFT_CALLS_H
#define WEFT_CALLS_H

/* Of which only the number is needed: X(call, number) */
#define WEFT_OTHER_CALLS(X) X(mmap, 9)

/* On sockets: X(call, number) */
#define WEFT_SOCKET_CALLS(X)                                                                       \
	X(read, 0)                                                                                 \
	X(readv, 19)                                                                               \
	X(sendfile, 40)                                                                            \
	X(sendto, 44)                                                                              \
	X(recvfrom, 45)                                                                            \
	X(sendmsg, 46)                                                                             \
	X(recvmsg, 47)                                                                             \
	X(splice, 275)                                                                             \
	X(recvmmsg, 299)                                                                           \
	X(sendmmsg, 307)                                                                           \
	X(preadv2, 327)                                                                            \
	X(io_uring_enter, 426)

/* On files, those of the write family on sockets too: X(program, call, number, enter, leave,
 * optional) program       fe_PROGRAM and fx_PROGRAM: at most 12 characters enter, leave  1: there
 * is such a program optional      1: some kernels lack the call's entry point, or the agent can do
 * without it */
#define WEFT_FILE_CALLS(X)                                                                         \
	X(write, write, 1, 1, 1, 0)                                                                \
	X(pwrite64, pwrite64, 18, 1, 1, 0)                                                         \
	X(writev, writev, 20, 1, 1, 0)                                                             \
	X(pwritev, pwritev, 296, 1, 1, 1)                                                          \
	X(pwritev2, pwritev2, 328, 1, 1, 1)                                                        \
	X(fsync, fsync, 74, 1, 1, 0)                                                               \
	X(fdatasync, fdatasync, 75, 1, 1, 0)                                                       \
	X(sync_range, sync_file_range, 277, 1, 1, 1)                                               \
	X(open, open, 2, 1, 1, 1)                                                                  \
	X(openat, openat, 257, 1, 1, 0)                                                            \
	X(close, close, 3, 1, 0, 0)                                                                \
	X(rename, rename, 82, 0, 1, 1)                                                             \
	X(renameat, renameat, 264, 0, 1, 1)                                                        \
	X(renameat2, renameat2, 316, 0, 1, 1)

#endif
