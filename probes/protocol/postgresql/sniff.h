/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL 3 sniffer (contract: bpf/abi/weft_sniff.h).
 *
 *   request   startup packet: size, version 3.x, a key   ·  SSL, GSS or cancel request
 *             Query: size, text NUL     Parse: size, name NUL text NUL
 *             Bind: size, no portal, name NUL            ·  Execute: size 9, no portal
 *   response  ParseComplete, BindComplete, CloseComplete before another message
 *             ReadyForQuery  ·  CommandComplete: capitals  ·  RowDescription: a name
 *             ErrorResponse, NoticeResponse: S, capitals ·  Authentication: a known code
 *
 * Types that both sides use, or whose bodies may be anything, are left out: they begin a
 * direction change only in the middle of something. Random bytes pass with a probability below
 * 2^-24: a type (at most 14 of 256), two zero bytes of a size below 64 KiB, and a body that must
 * match. A startup packet has a key in letters where Kafka, whose request type and version may
 * look like 3.0, has the upper bytes of a counter.
 *
 * The method is that of http1/sniff.h: masks have bit i for byte i, and no branch depends on a
 * byte inside the loop, nor on n after it.
 */
#ifndef WEFT_POSTGRESQL_SNIFF_H
#define WEFT_POSTGRESQL_SNIFF_H

#include "bpf/abi/weft_sniff.h"

struct weft_postgresql_masks {
	unsigned int valid;
	unsigned int nul;
	unsigned int control; /* control characters except NUL, tab, line feed, return */
	unsigned int capital;
};

#define WEFT_POSTGRESQL_EACH 0x0101010101010101ull
#define WEFT_POSTGRESQL_TOP (0x80 * WEFT_POSTGRESQL_EACH)

/* Sets the top bit of each byte that is `low` or more; low is at most 128. */
static inline unsigned long long weft_postgresql_from(unsigned long long w, unsigned int low)
{
	return (((w & ~WEFT_POSTGRESQL_TOP) + (0x80 - low) * WEFT_POSTGRESQL_EACH) | w) &
	       WEFT_POSTGRESQL_TOP;
}

static inline unsigned long long weft_postgresql_equal(unsigned long long w, unsigned int c)
{
	return ~weft_postgresql_from(w ^ c * WEFT_POSTGRESQL_EACH, 1) & WEFT_POSTGRESQL_TOP;
}

/* The top bits of eight bytes as eight bits, the first byte's lowest: each bit of the factor
 * moves one of them to its position, and none collide. */
static inline unsigned int weft_postgresql_bits(unsigned long long tops)
{
	return (unsigned int)((tops >> 7) * 0x0102040810204080ull >> 56);
}

/* Eight bytes at a time and without comparisons: a compiler turns comparisons into branches,
 * and a verifier follows every one of them. */
static inline void weft_postgresql_mark(struct weft_postgresql_masks *m, const unsigned char *b,
					unsigned int n)
{
	unsigned long long w[WEFT_SNIFF_LEN / 8] = {0};
	unsigned int i;

	for (i = 0; i < WEFT_SNIFF_LEN; i++) {
#ifndef __bpf__ /* there, 24 bytes are always readable; `valid` masks those after the last */
		if (i >= n)
			break;
#endif
		w[i / 8] |= (unsigned long long)b[i] << i % 8 * 8;
	}
	for (i = 0; i < WEFT_SNIFF_LEN / 8; i++) {
		unsigned long long nul = weft_postgresql_equal(w[i], 0);
		unsigned long long laid_out = weft_postgresql_equal(w[i], '\t') |
					      weft_postgresql_equal(w[i], '\n') |
					      weft_postgresql_equal(w[i], '\r');
		unsigned long long control = ~weft_postgresql_from(w[i], 32) & WEFT_POSTGRESQL_TOP;
		unsigned long long capital = weft_postgresql_from(w[i], 'A') &
					     ~weft_postgresql_from(w[i], 'Z' + 1) &
					     WEFT_POSTGRESQL_TOP;

		m->nul |= weft_postgresql_bits(nul) << i * 8;
		m->control |= weft_postgresql_bits(control & ~nul & ~laid_out) << i * 8;
		m->capital |= weft_postgresql_bits(capital) << i * 8;
	}
	m->nul &= m->valid & ~0x1fu; /* without type and size */
	m->control &= m->valid & ~0x1fu;
	m->capital &= m->valid & ~0x1fu;
}

/* Is there text from byte `from` to the NUL `end`, or to the last byte if end is 0? */
static inline int weft_postgresql_text(const struct weft_postgresql_masks *m, unsigned int from,
				       unsigned int end)
{
	unsigned int inside = (end - 1) & ~((1u << from) - 1); /* end 0: all bytes */

	return !(m->control & inside) && m->valid >> from;
}

/* `last`: bit of the message's last byte, 0 if it is not among the bytes. */
static inline int weft_postgresql_request(const struct weft_postgresql_masks *m, unsigned char type,
					  unsigned int size, unsigned int last)
{
	unsigned int first = m->nul & -m->nul, others = m->nul & (m->nul - 1);
	unsigned int second = others & -others;

	switch (type) {
	case 'Q':
		return size > 4 && first == last && weft_postgresql_text(m, 5, first);
	case 'B':
		if (!(m->nul & 1u << 5))
			return 0;
		/* fall through */
	case 'P':
		return size > 8 && weft_postgresql_text(m, 5, second) &&
		       (!last || (second && second < last));
	default:
		return 0;
	}
}

/* NO unless it fits; RESPONSE if `whole`, else MAYBE. */
static inline int weft_postgresql_grows(int fits, int whole)
{
	return fits ? WEFT_SNIFF_MAYBE + (WEFT_SNIFF_RESPONSE - WEFT_SNIFF_MAYBE) * whole
		    : WEFT_SNIFF_NO;
}

static inline int weft_postgresql_response(const struct weft_postgresql_masks *m,
					   unsigned char type, unsigned char severity,
					   unsigned int size)
{
	unsigned int three = 7u << 5; /* the first three bytes after the size */
	unsigned int seen = three & m->valid;
	int letters = !(seen & ~m->capital);

	switch (type) {
	case 'C':
		return weft_postgresql_grows(size > 6 && size <= 68 && letters, seen == three);
	case 'T':
		return weft_postgresql_grows(
		    size > 24 && (m->nul & three) == 1u << 5 &&
			(seen != three ||
			 weft_postgresql_text(m, 7, m->nul >> 7 << 7 & -(m->nul >> 7 << 7))),
		    seen == three);
	case 'E':
	case 'N':
		return weft_postgresql_grows(size > 12 && severity == 'S' && letters,
					     seen == three);
	default:
		return WEFT_SNIFF_NO;
	}
}

/* Size, version or code, the first key's first letters; bytes that are missing match. */
static inline int weft_postgresql_startup(const unsigned char *b, unsigned int n)
{
	unsigned int size;
	int special;

	if (n < 5)
		return (n > 1 && b[1]) ? WEFT_SNIFF_NO : WEFT_SNIFF_MAYBE;
	size = (unsigned int)b[2] << 8 | b[3];
	special = b[4] == 4;
	if (b[1] || (b[4] && !special) || (n > 5 && b[5] != (special ? 0xd2 : 3)) ||
	    (n > 6 && b[6] != (special ? 0x16 : 0)))
		return WEFT_SNIFF_NO;
	if (n < 8)
		return WEFT_SNIFF_MAYBE;
	if (special) {
		int cancel = b[7] == 0x2e && size >= 16 && size <= 268;
		int encrypt = (b[7] == 0x2f || b[7] == 0x30) && size == 8;

		return cancel | encrypt ? WEFT_SNIFF_REQUEST : WEFT_SNIFF_NO;
	}
	if (size < 10 || size > 10000 || (n > 8 && (b[8] < 'a' || b[8] > 'z')) ||
	    (n > 9 && (b[9] < 'a' || b[9] > 'z')))
		return WEFT_SNIFF_NO;
	return n < 10 ? WEFT_SNIFF_MAYBE : WEFT_SNIFF_REQUEST;
}

/* May a backend message of this type follow one without a body? */
static inline int weft_postgresql_follows(unsigned char type)
{
	return type == '1' || type == '2' || type == '3' || type == 't' || type == 'T' ||
	       type == 'n' || type == 'D' || type == 'C' || type == 'I' || type == 'E' ||
	       type == 'Z';
}

/* Messages without text. */
static inline int weft_postgresql_fixed(const unsigned char *b, unsigned int n, unsigned int size)
{
	switch (b[0]) {
	case '1':
	case '2':
	case '3':
		return weft_postgresql_grows(size == 4 && weft_postgresql_follows(b[5]), 1);
	case 'Z':
		return weft_postgresql_grows(
		    size == 5 && n == 6 && (b[5] == 'I' || b[5] == 'T' || b[5] == 'E'), 1);
	case 'R':
		return weft_postgresql_grows(size > 7 && !b[5] && (n < 7 || !b[6]) &&
						 (n < 8 || !b[7]) && (n < 9 || b[8] < 14),
					     n > 8);
	case 'E':
		if (size == 9 && !b[5] && (n < 11 || b[10] == 'S' || b[10] == 'H'))
			return WEFT_SNIFF_REQUEST;
		return WEFT_SNIFF_NO;
	default:
		return WEFT_SNIFF_NO;
	}
}

/* May a message of this type begin a direction change? */
static inline int weft_postgresql_type(unsigned char type)
{
	return type == 'Q' || type == 'P' || type == 'B' || type == 'E' || type == '1' ||
	       type == '2' || type == '3' || type == 'Z' || type == 'R' || type == 'C' ||
	       type == 'T' || type == 'N';
}

static inline int weft_sniff_postgresql(const unsigned char *b, unsigned int n)
{
	struct weft_postgresql_masks m = {0, 0, 0, 0};
	unsigned int size, last;
	int status;

	if (n > WEFT_SNIFF_LEN)
		n = WEFT_SNIFF_LEN;
	if (!n)
		return WEFT_SNIFF_MAYBE;
	if (!b[0])
		return weft_postgresql_startup(b, n);
	if (!weft_postgresql_type(b[0]) || (n > 1 && b[1]) || (n > 2 && b[2]))
		return WEFT_SNIFF_NO;
	if (n < 6)
		return WEFT_SNIFF_MAYBE;
	size = (unsigned int)b[3] << 8 | b[4];
	status = weft_postgresql_fixed(b, n, size);
	if (status != WEFT_SNIFF_NO)
		return status;
	m.valid = (1u << n) - 1;
	last = size < WEFT_SNIFF_LEN ? 1u << size & m.valid : 0;
	weft_postgresql_mark(&m, b, n);
	if (weft_postgresql_request(&m, b[0], size, last))
		return WEFT_SNIFF_REQUEST;
	return weft_postgresql_response(&m, b[0], b[5], size);
}

#endif
