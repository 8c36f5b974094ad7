/* SPDX-License-Identifier: Apache-2.0 */
/* What user space tells the kernel while running: values of the control maps. */
#ifndef WEFT_CONFIG_H
#define WEFT_CONFIG_H

#include "weft_event.h"

/* Map "targets": key tgid, value verdict. Written by user space after its rules are
 * applied; copied parent → child by the fork hook; deleted by the exec hook (a new
 * image is judged anew) and the exit hook. A process with no entry is undecided and
 * captured: user space decides before its spans leave, so no first request is lost. */
enum weft_verdict {
	WEFT_VERDICT_UNDECIDED = 0,
	WEFT_VERDICT_TRACE = 1,
	WEFT_VERDICT_IGNORE = 2,
};

/* Map "wishes": key connection id, written by user space when a connection needs
 * other treatment than the default; read by the kernel at the next turn. */
struct weft_wish {
	__weft_u32 head_cap; /* bytes to copy per message, 0 = default */
	__weft_u32 ignore;   /* 1: copy and report nothing more of this connection */
};
WEFT_STATIC_ASSERT(sizeof(struct weft_wish) == 8, "weft_wish");

#endif
