/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the end of a PROXY protocol preamble (haproxy.org, proxy-protocol.txt), which precedes
 * a connection's own bytes, whatever their protocol. A pure function over the first bytes of
 * a connection, like the sniffers (weft_sniff.h).
 *
 *   v1   "PROXY TCP4 192.0.2.7 198.51.100.1 4000 80" CRLF, at most 107 bytes
 *   v2   signature (12) · version and command · family · length (2) · addresses · the rest
 */
#ifndef WEFT_PREAMBLE_H
#define WEFT_PREAMBLE_H

#define WEFT_PREAMBLE_MAX 107 /* bytes offered at most */

enum weft_preamble_result {
	WEFT_PREAMBLE_NONE = 0,	 /* there is none */
	WEFT_PREAMBLE_MORE = 1,	 /* all bytes match so far, too few to be sure */
	WEFT_PREAMBLE_WHOLE = 2, /* its wanted bytes are all there */
};

struct weft_preamble {
	unsigned int length; /* of the preamble; the connection's protocol begins after it */
	unsigned int wanted; /* bytes up to the end of its addresses; the rest is not copied */
};

#define WEFT_PREAMBLE_HEADER 16

/* Bits in which the bytes differ from the text, over the length of the shorter one. In the
 * kernel, where bytes after the n can always be read, this takes no branch: the verifier would
 * follow the rest of the program once for each n. */
static inline __attribute__((always_inline)) unsigned int
weft_preamble_unlike(const unsigned char *b, unsigned int n, const char *text, unsigned int length)
{
	unsigned int i, different = 0;

	for (i = 0; i < length; i++) {
		unsigned int before_end = (i - n) >> 31;

#ifdef __bpf__
		asm volatile("" : "+r"(before_end)); /* else the compiler emits a branch */
#else
		if (i >= n)
			break;
#endif
		different |= (b[i] ^ (unsigned char)text[i]) & -before_end;
	}
	return different;
}

#define WEFT_PREAMBLE_UNLIKE(b, n, text) weft_preamble_unlike(b, n, text, sizeof(text) - 1)

static inline int weft_preamble_line(const unsigned char *b, unsigned int n,
				     struct weft_preamble *out)
{
	unsigned int i;

	if (WEFT_PREAMBLE_UNLIKE(b, n, "PROXY TCP4 ") &&
	    WEFT_PREAMBLE_UNLIKE(b, n, "PROXY TCP6 ") &&
	    WEFT_PREAMBLE_UNLIKE(b, n, "PROXY UNKNOWN"))
		return WEFT_PREAMBLE_NONE;
	for (i = 11; i < WEFT_PREAMBLE_MAX; i++) {
		if (i >= n)
			return WEFT_PREAMBLE_MORE;
		if (b[i] != '\n')
			continue;
		out->length = out->wanted = i + 1;
		return b[i - 1] == '\r' ? WEFT_PREAMBLE_WHOLE : WEFT_PREAMBLE_NONE;
	}
	return WEFT_PREAMBLE_NONE;
}

/* Bytes of addresses; 0 for Unix sockets and where the header says to ignore them (LOCAL). */
static inline unsigned int weft_preamble_addresses(unsigned char command, unsigned char family)
{
	if (command != 0x21)
		return 0;
	return family >> 4 == 1 ? 12 : family >> 4 == 2 ? 36 : 0;
}

static inline int weft_preamble_read(const unsigned char *b, unsigned int n,
				     struct weft_preamble *out)
{
	unsigned int length, addresses;

	if (!n)
		return WEFT_PREAMBLE_MORE;
	if (b[0] == 'P')
		return weft_preamble_line(b, n, out);
	if (WEFT_PREAMBLE_UNLIKE(b, n, "\r\n\r\n\0\r\nQUIT\n") ||
	    (n > 12 && (b[12] & 0xfe) != 0x20) ||
	    (n > 13 && ((b[13] >> 4) > 3 || (b[13] & 15) > 2)))
		return WEFT_PREAMBLE_NONE;
	if (n < WEFT_PREAMBLE_HEADER)
		return WEFT_PREAMBLE_MORE;
	length = (unsigned int)b[14] << 8 | b[15];
	addresses = weft_preamble_addresses(b[12], b[13]);
	if (addresses > length)
		return WEFT_PREAMBLE_NONE;
	out->length = WEFT_PREAMBLE_HEADER + length;
	out->wanted = WEFT_PREAMBLE_HEADER + addresses;
	return n < out->wanted ? WEFT_PREAMBLE_MORE : WEFT_PREAMBLE_WHOLE;
}

#endif
