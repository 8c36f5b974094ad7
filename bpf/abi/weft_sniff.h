/* SPDX-License-Identifier: Apache-2.0 */
/* The sniffers' contract. Each protocol has probes/protocol/<name>/sniff.h with one
 * pure function
 *     static inline int weft_sniff_<name>(const unsigned char *b, unsigned int n)
 * over the first bytes of a message: no maps, no helpers, loops bounded by
 * WEFT_SNIFF_LEN, every index below n. The same header therefore compiles into the BPF
 * programs and into native unit tests. Results are WEFT_SNIFF_*.
 *
 * The caller shows the first bytes that a call moved, and again with more bytes as they
 * come, until the result is not MAYBE. MAYBE for WEFT_SNIFF_LEN bytes counts as NO. So the
 * result for every prefix (also the empty one) of a REQUEST must be MAYBE or REQUEST, and for
 * every prefix of a RESPONSE, MAYBE or RESPONSE. */
#ifndef WEFT_SNIFF_H
#define WEFT_SNIFF_H

/* Bytes offered at most: enough for the longest usual HTTP method and its target. */
#define WEFT_SNIFF_LEN 24

enum weft_sniff_result {
	WEFT_SNIFF_NO = 0,
	WEFT_SNIFF_MAYBE = 1,	 /* all bytes match so far, too few to be sure */
	WEFT_SNIFF_REQUEST = 2,	 /* begins a request */
	WEFT_SNIFF_RESPONSE = 3, /* begins a response */
};

#endif
