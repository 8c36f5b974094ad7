/* SPDX-License-Identifier: Apache-2.0 */
/* Output of the iterator in bpf/prog/code.bpf.c: one record for each executable mapping of the
 * process that user space asks for. Never part of a recording. */
#ifndef WEFT_CODE_H
#define WEFT_CODE_H

#include "weft_event.h"

struct weft_code {
	__weft_u64 start;   /* address of the mapping */
	__weft_u64 inode;   /* kernel address of the inode that a probe attaches to */
	__weft_u32 program; /* 1: a mapping of the process's main executable */
	__weft_u32 pad;
};
WEFT_STATIC_ASSERT(sizeof(struct weft_code) == 24, "weft_code");

#endif
