/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 sniffer (contract: bpf/abi/weft_sniff.h).
 *
 *   request   METHOD SP target [SP "HTTP/1." …]     RFC 9112 §3
 *   response  "HTTP/1." digit SP digit digit digit  RFC 9112 §4
 *
 * Line ends may come first (§2.2), and "http" may be in lower case, because the session accepts
 * both. A method of capital letters before a target that only HTTP has is enough. Any other
 * token stays MAYBE until the version is seen; if it is a word, until all WEFT_SNIFF_LEN bytes
 * are the beginning of such a target. A line that ends, or names another version, before
 * "HTTP/1." is no request: this excludes inline Redis commands, FTP, HTTP/0.9 and the HTTP/2
 * preface.
 *
 * Each byte is looked up in a table of classes, and each class becomes a mask with bit i for
 * byte i; the grammar is then arithmetic on the masks. No branch depends on a byte inside the
 * loop, because the verifier walks every outcome of every such branch (half a million steps
 * for a state machine over the bytes, ten thousand for this).
 */
#ifndef WEFT_HTTP1_SNIFF_H
#define WEFT_HTTP1_SNIFF_H

#include "bpf/abi/weft_sniff.h"

/* Longest method accepted: UPDATEREDIRECTREF (RFC 4437) has 17 letters. */
#define WEFT_HTTP1_METHOD_MAX 20

/* Classes: token characters (RFC 9110 §5.6.2); capital letters and "-", of which registered
 * methods consist; printable characters, of which targets consist (bytes beyond ASCII too); and
 * single characters. */
#define WEFT_HTTP1_TOKEN 0x0001u
#define WEFT_HTTP1_CAPITAL 0x0002u
#define WEFT_HTTP1_ALPHA 0x0004u
#define WEFT_HTTP1_SHOWN 0x0008u
#define WEFT_HTTP1_SPACE 0x0010u
#define WEFT_HTTP1_SLASH 0x0020u
#define WEFT_HTTP1_STAR 0x0040u
#define WEFT_HTTP1_COLON 0x0080u
#define WEFT_HTTP1_DIGIT 0x0100u
#define WEFT_HTTP1_H 0x0200u
#define WEFT_HTTP1_T 0x0400u
#define WEFT_HTTP1_P 0x0800u
#define WEFT_HTTP1_ONE 0x1000u
#define WEFT_HTTP1_DOT 0x2000u
#define WEFT_HTTP1_LINE_END 0x4000u

struct weft_http1_masks {
	unsigned int token;
	unsigned int capital;
	unsigned int alpha;
	unsigned int shown;
	unsigned int space;
	unsigned int slash;
	unsigned int star;
	unsigned int colon;
	unsigned int digit;
	unsigned int h;
	unsigned int t;
	unsigned int p;
	unsigned int one;
	unsigned int dot;
};

static inline unsigned int weft_http1_kind(unsigned char c)
{
	/* Index: ASCII code. */
	static const unsigned short kKinds[128] = {
	    0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x4000,
	    0x0000, 0x0000, 0x4000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
	    0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0010,
	    0x0009, 0x0008, 0x0009, 0x0009, 0x0009, 0x0009, 0x0009, 0x0008, 0x0008, 0x0049, 0x0009,
	    0x0008, 0x000b, 0x2009, 0x0028, 0x0109, 0x1109, 0x0109, 0x0109, 0x0109, 0x0109, 0x0109,
	    0x0109, 0x0109, 0x0109, 0x0088, 0x0008, 0x0008, 0x0008, 0x0008, 0x0008, 0x0008, 0x000f,
	    0x000f, 0x000f, 0x000f, 0x000f, 0x000f, 0x000f, 0x020f, 0x000f, 0x000f, 0x000f, 0x000f,
	    0x000f, 0x000f, 0x000f, 0x080f, 0x000f, 0x000f, 0x000f, 0x040f, 0x000f, 0x000f, 0x000f,
	    0x000f, 0x000f, 0x000f, 0x0008, 0x0008, 0x0008, 0x0009, 0x0009, 0x0009, 0x000d, 0x000d,
	    0x000d, 0x000d, 0x000d, 0x000d, 0x000d, 0x020d, 0x000d, 0x000d, 0x000d, 0x000d, 0x000d,
	    0x000d, 0x000d, 0x080d, 0x000d, 0x000d, 0x000d, 0x040d, 0x000d, 0x000d, 0x000d, 0x000d,
	    0x000d, 0x000d, 0x0008, 0x0009, 0x0008, 0x0009, 0x0000,
	};

	unsigned int beyond = c >> 7;

	return (kKinds[c & 127] & (beyond - 1)) | (WEFT_HTTP1_SHOWN & -beyond);
}

/* Sets the masks. Returns the number of leading line-end characters. */
static inline unsigned int weft_http1_mark(struct weft_http1_masks *m, const unsigned char *b,
					   unsigned int n)
{
	unsigned int i, lead = 0, leading = 1;

	for (i = 0; i < WEFT_SNIFF_LEN; i++) {
		unsigned int kind;

#ifndef __bpf__ /* there, 24 bytes are always readable; zeros, of no class, follow the last */
		if (i >= n)
			break;
#endif
		kind = weft_http1_kind(b[i]);
		/* Division by a class moves its bit to bit 0, without a branch. */
		m->token |= (kind / WEFT_HTTP1_TOKEN & 1) << i;
		m->capital |= (kind / WEFT_HTTP1_CAPITAL & 1) << i;
		m->alpha |= (kind / WEFT_HTTP1_ALPHA & 1) << i;
		m->shown |= (kind / WEFT_HTTP1_SHOWN & 1) << i;
		m->space |= (kind / WEFT_HTTP1_SPACE & 1) << i;
		m->slash |= (kind / WEFT_HTTP1_SLASH & 1) << i;
		m->star |= (kind / WEFT_HTTP1_STAR & 1) << i;
		m->colon |= (kind / WEFT_HTTP1_COLON & 1) << i;
		m->digit |= (kind / WEFT_HTTP1_DIGIT & 1) << i;
		m->h |= (kind / WEFT_HTTP1_H & 1) << i;
		m->t |= (kind / WEFT_HTTP1_T & 1) << i;
		m->p |= (kind / WEFT_HTTP1_P & 1) << i;
		m->one |= (kind / WEFT_HTTP1_ONE & 1) << i;
		m->dot |= (kind / WEFT_HTTP1_DOT & 1) << i;
		leading &= kind / WEFT_HTTP1_LINE_END;
		lead += leading;
	}
	return lead;
}

/* Drops the first `lead` bytes. */
static inline void weft_http1_begin_at(struct weft_http1_masks *m, unsigned int lead)
{
	m->token >>= lead;
	m->capital >>= lead;
	m->alpha >>= lead;
	m->shown >>= lead;
	m->space >>= lead;
	m->slash >>= lead;
	m->star >>= lead;
	m->colon >>= lead;
	m->digit >>= lead;
	m->h >>= lead;
	m->t >>= lead;
	m->p >>= lead;
	m->one >>= lead;
	m->dot >>= lead;
}

/* Mismatches with "HTTP/1." placed at bit `v`. */
static inline unsigned int weft_http1_misspelt(const struct weft_http1_masks *m, unsigned int v)
{
	return (v & ~m->h) | (v << 1 & ~m->t) | (v << 2 & ~m->t) | (v << 3 & ~m->p) |
	       (v << 4 & ~m->slash) | (v << 5 & ~m->one) | (v << 6 & ~m->dot);
}

/* "CONNECT ", whose target is an authority; at the beginning or after one CR LF. */
static inline int weft_http1_is_connect(const unsigned char *b, unsigned int n, unsigned int lead)
{
	unsigned int plain, behind;

	if (n < 8)
		return 0;
	plain = (b[0] ^ 'C') | (b[1] ^ 'O') | (b[2] ^ 'N') | (b[3] ^ 'N') | (b[4] ^ 'E') |
		(b[5] ^ 'C') | (b[6] ^ 'T') | (b[7] ^ ' ');
	if (n < 10 || !lead)
		return !plain;
	behind = (b[2] ^ 'C') | (b[3] ^ 'O') | (b[4] ^ 'N') | (b[5] ^ 'N') | (b[6] ^ 'E') |
		 (b[7] ^ 'C') | (b[8] ^ 'T') | (b[9] ^ ' ');
	return lead == 2 && !behind;
}

/* The target begins at bit `at`. 0: not a target; 1: may be one; 2: a target that only HTTP
 * has. */
static inline int weft_http1_target(const struct weft_http1_masks *m, unsigned int at,
				    unsigned int valid, int connect)
{
	unsigned int end;

	if (at & m->slash)
		return 2;
	if (at & m->star)
		return !(at << 1 & valid & ~m->space);
	if (connect)
		return 2;
	/* scheme "://": adding the lowest bit of a run carries to the bit after the run. */
	end = (m->alpha + at) & ~m->alpha;
	if (!(at & m->alpha) ||
	    ((end & ~m->colon) | (end << 1 & ~m->slash) | (end << 2 & ~m->slash)) & valid)
		return 0;
	return end << 2 & valid ? 2 : 1;
}

/* `full`: no more bytes will be offered. */
static inline int weft_http1_request(const struct weft_http1_masks *m, unsigned int valid,
				     int connect, int full)
{
	unsigned int gap = (m->token + 1) & ~m->token; /* the first byte not of the token */
	unsigned int end, bad;
	int target;

	if (gap == 1 || gap > 1u << WEFT_HTTP1_METHOD_MAX || gap & valid & ~m->space)
		return WEFT_SNIFF_NO;
	if (!(gap << 1 & valid))
		return WEFT_SNIFF_MAYBE;
	target = weft_http1_target(m, gap << 1, valid, connect);
	if (!target || gap << 1 & ~m->shown)
		return WEFT_SNIFF_NO;
	end = (m->shown + (gap << 1)) & ~m->shown;
	bad = (end & ~m->space) | weft_http1_misspelt(m, end << 1);
	if (bad & valid)
		return WEFT_SNIFF_NO;
	if (end << 7 & valid)
		return WEFT_SNIFF_REQUEST;
	/* Three letters at least: the shortest methods in use are GET and PUT. */
	if (target != 2 || gap <= 4)
		return WEFT_SNIFF_MAYBE;
	if (!((gap - 1) & ~m->capital) || (full && !((gap - 1) & ~(m->alpha | m->capital))))
		return WEFT_SNIFF_REQUEST;
	return WEFT_SNIFF_MAYBE;
}

static inline int weft_sniff_http1(const unsigned char *b, unsigned int n)
{
	struct weft_http1_masks m = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	unsigned int lead, valid, bad;

	if (n > WEFT_SNIFF_LEN)
		n = WEFT_SNIFF_LEN;
	lead = weft_http1_mark(&m, b, n);
	weft_http1_begin_at(&m, lead);
	valid = ((1u << n) - 1) >> lead;
	bad = weft_http1_misspelt(&m, 1) | (1u << 7 & ~m.digit) | (1u << 8 & ~m.space) |
	      (7u << 9 & ~m.digit);
	if (!(bad & valid))
		return valid >> 11 ? WEFT_SNIFF_RESPONSE : WEFT_SNIFF_MAYBE;
	return weft_http1_request(&m, valid, weft_http1_is_connect(b, n, lead),
				  n == WEFT_SNIFF_LEN);
}

#endif
