/* SPDX-License-Identifier: Apache-2.0 */
/* What bpf/prog/code.bpf.c tells of a process that user space asks for: one of these for each
 * file it maps to be executed, read from an iterator, never part of a recording. */
#ifndef WEFT_CODE_H
#define WEFT_CODE_H

#include "weft_event.h"

struct weft_code {
	__weft_u64 start;   /* address of the mapping */
	__weft_u64 inode;   /* kernel address: what a probe is attached to */
	__weft_u32 program; /* 1: of the executable */
	__weft_u32 pad;
};
WEFT_STATIC_ASSERT(sizeof(struct weft_code) == 24, "weft_code");

#endif
