/* SPDX-License-Identifier: Apache-2.0 */
/* Redis sniffer, RESP2 and RESP3 (contract: bpf/abi/weft_sniff.h).
 *
 *   request   "*" count CRLF "$" length CRLF letter   count 1…9999999, length 1…99
 *
 * Nothing else is accepted: inline commands and replies are lines of words as in a dozen other
 * protocols. POP3 has "+OK" and "-ERR", NATS "PING", IMAP begins with "*". A RESP client soon
 * sends an array, and only this shows the roles.
 *
 * Eight bytes are fixed and a ninth is one of 52: random bytes are a request once in 2^60.
 * Counts have no leading zero; a session that must resynchronise searches for the same.
 */
#ifndef WEFT_REDIS_SNIFF_H
#define WEFT_REDIS_SNIFF_H

#include "bpf/abi/weft_sniff.h"

#define WEFT_REDIS_COUNT_DIGITS 7
#define WEFT_REDIS_LENGTH_DIGITS 2

/* What comes next at the beginning of an array. */
#define WEFT_REDIS_COUNT 0
#define WEFT_REDIS_COUNT_END 1
#define WEFT_REDIS_BULK 2
#define WEFT_REDIS_LENGTH 3
#define WEFT_REDIS_LENGTH_END 4
#define WEFT_REDIS_NAME 5

/* One byte at a time, by an index that the verifier knows: up to 5.11 the stack can only be read
 * at a known index. */
static inline int weft_sniff_redis(const unsigned char *b, unsigned int n)
{
	unsigned int i, phase = WEFT_REDIS_COUNT, digits = 0;

	if (n > WEFT_SNIFF_LEN)
		n = WEFT_SNIFF_LEN;
	if (n && b[0] != '*')
		return WEFT_SNIFF_NO;
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

#endif
