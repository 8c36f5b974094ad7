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

/* What comes next in an array's beginning. */
#define WEFT_REDIS_COUNT 0
#define WEFT_REDIS_COUNT_END 1
#define WEFT_REDIS_BULK 2
#define WEFT_REDIS_LENGTH 3
#define WEFT_REDIS_LENGTH_END 4
#define WEFT_REDIS_NAME 5

/* One byte at a time, by an index that the verifier knows: stacks are read at no other up to
 * 5.11. */
static inline __attribute__((always_inline)) int weft_redis_array(const unsigned char *b,
								  unsigned int n)
{
	unsigned int i, phase = WEFT_REDIS_COUNT, digits = 0;

	for (i = 1; i < WEFT_SNIFF_LEN; i++) {
		unsigned int most =
		    phase == WEFT_REDIS_COUNT ? WEFT_REDIS_COUNT_DIGITS : WEFT_REDIS_LENGTH_DIGITS;

		if (i >= n)
			return WEFT_SNIFF_MAYBE;
		switch (phase) {
		case WEFT_REDIS_COUNT:
		case WEFT_REDIS_LENGTH:
			if (b[i] == '\r' && digits) {
				phase++;
				digits = 0;
				break;
			}
			if (b[i] < '0' || b[i] > '9' || (b[i] == '0' && !digits) || digits == most)
				return WEFT_SNIFF_NO;
			digits++;
			break;
		case WEFT_REDIS_COUNT_END:
		case WEFT_REDIS_LENGTH_END:
			if (b[i] != '\n')
				return WEFT_SNIFF_NO;
			phase++;
			break;
		case WEFT_REDIS_BULK:
			if (b[i] != '$')
				return WEFT_SNIFF_NO;
			phase++;
			break;
		case WEFT_REDIS_NAME:
			return (unsigned int)(b[i] | 0x20) - 'a' < 26 ? WEFT_SNIFF_REQUEST
								      : WEFT_SNIFF_NO;
		default:
			return WEFT_SNIFF_NO;
		}
	}
	return WEFT_SNIFF_MAYBE;
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
