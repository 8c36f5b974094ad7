/* SPDX-License-Identifier: Apache-2.0 */
/* The classifier's contract. Each protocol has probes/protocol/<name>/sniff.h with one
 * pure function
 *     static inline int weft_sniff_<name>(const unsigned char *b, unsigned int n)
 * over the first bytes of a message: no maps, no helpers, loops bounded by
 * WEFT_SNIFF_LEN, every index below n, so the same header compiles into the BPF
 * programs and into native unit tests. Results are WEFT_SNIFF_*.
 *
 * The caller begins with what a call moved of a message and shows more as it comes, from the
 * front on, until the result is not MAYBE or WEFT_SNIFF_LEN bytes are not enough, which is
 * NO. So every beginning, from no byte at all, of what is REQUEST is MAYBE or REQUEST, and of
 * what is RESPONSE, MAYBE or RESPONSE. */
#ifndef WEFT_SNIFF_H
#define WEFT_SNIFF_H

/* Bytes offered at most: enough for the longest usual HTTP method and its target. */
#define WEFT_SNIFF_LEN 24

enum weft_sniff_result {
	WEFT_SNIFF_NO = 0,
	WEFT_SNIFF_MAYBE = 1,	 /* every byte fits, too few to be sure */
	WEFT_SNIFF_REQUEST = 2,	 /* begins a request */
	WEFT_SNIFF_RESPONSE = 3, /* begins a response */
};

#endif
