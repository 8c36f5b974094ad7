/* SPDX-License-Identifier: Apache-2.0 */
/* Redis classifier, RESP2 and RESP3 (contract: bpf/abi/weft_sniff.h).
 *
 *   request   "*" count CRLF "$" length CRLF letter   count 1…9999999, length 1…99
 *             "PING" CRLF                             the one inline command believed
 *   response  one of a few whole beginnings; a bulk or a number alone could be anything
 *
 * Eight bytes are fixed and a ninth is one of 52: random bytes are a request once in 2^60.
 * Counts have no leading zero; a session that has lost its place looks for the same.
 */
#ifndef WEFT_REDIS_SNIFF_H
#define WEFT_REDIS_SNIFF_H

#include "bpf/abi/weft_sniff.h"

#define WEFT_REDIS_COUNT_DIGITS 7
#define WEFT_REDIS_LENGTH_DIGITS 2

/* Do the bytes begin with the text, as far as both go? `length`: without the final NUL. */
#define WEFT_REDIS_BEGINS(b, n, text) weft_redis_begins(b, n, text, sizeof(text) - 1)

/* 0: they differ; 1: the same so far; 2: all of it is there. A difference is a number, not
 * a branch: the verifier walks each. */
static inline __attribute__((always_inline)) int
weft_redis_begins(const unsigned char *b, unsigned int n, const char *text, unsigned int length)
{
	unsigned int i, different = 0;

	for (i = 0; i < length; i++) {
		if (i >= n)
			break;
		different |= b[i] ^ (unsigned char)text[i];
	}
	if (different)
		return 0;
	return n < length ? 1 : 2;
}

/* Where the digits from `at` on and the CRLF after them end; 0: they are no count; beyond
 * n: all fits, and there are too few bytes. */
static inline __attribute__((always_inline)) unsigned int
weft_redis_count(const unsigned char *b, unsigned int n, unsigned int at, unsigned int digits)
{
	unsigned int i, end = at;

	for (i = 0; i < digits; i++) {
		unsigned int p = at + i;

		if (p >= n || p >= WEFT_SNIFF_LEN)
			return n + 1;
		if ((unsigned int)b[p] - '0' > 9)
			break;
		end = p + 1;
	}
	if (end == at || b[at] == '0')
		return 0;
	if (end >= n || end + 1 >= WEFT_SNIFF_LEN)
		return n + 1;
	if (b[end] != '\r')
		return 0;
	if (end + 1 >= n)
		return n + 1;
	return b[end + 1] == '\n' ? end + 2 : 0;
}

static inline __attribute__((always_inline)) int weft_redis_array(const unsigned char *b,
								  unsigned int n)
{
	unsigned int at = weft_redis_count(b, n, 1, WEFT_REDIS_COUNT_DIGITS);

	if (!at)
		return WEFT_SNIFF_NO;
	if (at >= n || at >= WEFT_SNIFF_LEN)
		return WEFT_SNIFF_MAYBE;
	if (b[at] != '$')
		return WEFT_SNIFF_NO;
	at = weft_redis_count(b, n, at + 1, WEFT_REDIS_LENGTH_DIGITS);
	if (!at)
		return WEFT_SNIFF_NO;
	if (at >= n || at >= WEFT_SNIFF_LEN)
		return WEFT_SNIFF_MAYBE;
	return (unsigned int)(b[at] | 0x20) - 'a' < 26 ? WEFT_SNIFF_REQUEST : WEFT_SNIFF_NO;
}

static inline int weft_sniff_redis(const unsigned char *b, unsigned int n)
{
	int seen = 0;

	if (n > WEFT_SNIFF_LEN)
		n = WEFT_SNIFF_LEN;
	if (!n)
		return WEFT_SNIFF_MAYBE;
	switch (b[0]) {
	case '*':
		return weft_redis_array(b, n);
	case 'P':
		seen = WEFT_REDIS_BEGINS(b, n, "PING\r\n");
		return seen == 2 ? WEFT_SNIFF_REQUEST : seen ? WEFT_SNIFF_MAYBE : WEFT_SNIFF_NO;
	case '+':
		seen = WEFT_REDIS_BEGINS(b, n, "+OK\r\n") | WEFT_REDIS_BEGINS(b, n, "+PONG\r\n") |
		       WEFT_REDIS_BEGINS(b, n, "+QUEUED\r\n");
		break;
	case '-':
		seen = WEFT_REDIS_BEGINS(b, n, "-ERR ") | WEFT_REDIS_BEGINS(b, n, "-NOAUTH ") |
		       WEFT_REDIS_BEGINS(b, n, "-WRONGTYPE ") | WEFT_REDIS_BEGINS(b, n, "-MOVED ");
		break;
	case '$':
		seen = WEFT_REDIS_BEGINS(b, n, "$-1\r\n");
		break;
	default:
		break;
	}
	return seen & 2 ? WEFT_SNIFF_RESPONSE : seen ? WEFT_SNIFF_MAYBE : WEFT_SNIFF_NO;
}

#endif
