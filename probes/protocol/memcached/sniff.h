/* SPDX-License-Identifier: Apache-2.0 */
/* memcached classifier, text protocol (contract: bpf/abi/weft_sniff.h).
 *
 *   request   command SP arguments CRLF      in small letters, as its clients send them
 *
 * The arguments are checked as far as they are shown: how many, and which are numbers. That
 * tells a storage command from an inline one of Redis ("set k v"). Answers are not looked at:
 * beanstalkd and others say "NOT_FOUND" and "DELETED" too, and "delete 1" is one of its commands,
 * so that a key of digits alone is not believed here. The binary protocol begins with 0x80, which
 * is no letter.
 *
 * "get key" and "touch key 1" may be inline commands of Redis all the same. The session sees
 * by the first answer; until then it tells nothing.
 *
 * How: each byte is looked up in a table of classes, and each class becomes a mask with bit i
 * for byte i; the grammar is then arithmetic on the masks, for no branch in a loop may depend
 * on a byte. The name is compared as two numbers.
 */
#ifndef WEFT_MEMCACHED_SNIFF_H
#define WEFT_MEMCACHED_SNIFF_H

#include "bpf/abi/weft_sniff.h"

#define WEFT_MEMCACHED_LOWER 0x01u /* small letters and "_": what names are made of */
#define WEFT_MEMCACHED_SHOWN 0x02u /* what keys are made of: no blank, no control character */
#define WEFT_MEMCACHED_DIGIT 0x04u
#define WEFT_MEMCACHED_MINUS 0x08u
#define WEFT_MEMCACHED_SPACE 0x10u
#define WEFT_MEMCACHED_CR 0x20u
#define WEFT_MEMCACHED_LF 0x40u

/* Shapes of arguments: bits of a set. */
#define WEFT_MEMCACHED_NONE 0	 /* version */
#define WEFT_MEMCACHED_ANY 1	 /* stats [words] */
#define WEFT_MEMCACHED_KEYS 2	 /* get key [more] */
#define WEFT_MEMCACHED_AGED 3	 /* gat number key [more] */
#define WEFT_MEMCACHED_DELETE 4	 /* delete key [more] */
#define WEFT_MEMCACHED_NUMBER 5	 /* incr key number [more] */
#define WEFT_MEMCACHED_NUMBERS 6 /* set key number number number [more] */

struct weft_memcached_line {
	unsigned int lower, shown, digit, minus, space, cr, lf;
	unsigned int bad;	     /* bytes that do not fit */
	unsigned long long name[2];  /* the leading letters, 16 at most */
	unsigned long long known[2]; /* 0xff for each of these bytes */
};

static inline unsigned int weft_memcached_kind(unsigned char c)
{
	/* ASCII, sixteen a row. */
	static const unsigned char kKinds[128] = {
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00,
	    0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02,
	    0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x0a, 0x02, 0x02, 0x06, 0x06, 0x06, 0x06,
	    0x06, 0x06, 0x06, 0x06, 0x06, 0x06, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02,
	    0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02,
	    0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x02,
	    0x02, 0x02, 0x02, 0x02, 0x03, 0x02, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03,
	    0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03,
	    0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x02, 0x02, 0x02, 0x02, 0x00,
	};
	unsigned int beyond = c >> 7;

	return (kKinds[c & 127] & (beyond - 1)) | (WEFT_MEMCACHED_SHOWN & -beyond);
}

static inline void weft_memcached_mark(struct weft_memcached_line *l, const unsigned char *b,
				       unsigned int n)
{
	unsigned long long leading = 1;
	unsigned int i;

	for (i = 0; i < WEFT_SNIFF_LEN; i++) {
		unsigned int kind;

#ifndef __bpf__ /* there, 24 bytes are always shown, and zeros, of no class, behind the last */
		if (i >= n)
			break;
#endif
		kind = weft_memcached_kind(b[i]);
		/* Division by a class brings its bit to the front, without a branch. */
		l->lower |= (kind / WEFT_MEMCACHED_LOWER & 1) << i;
		l->shown |= (kind / WEFT_MEMCACHED_SHOWN & 1) << i;
		l->digit |= (kind / WEFT_MEMCACHED_DIGIT & 1) << i;
		l->minus |= (kind / WEFT_MEMCACHED_MINUS & 1) << i;
		l->space |= (kind / WEFT_MEMCACHED_SPACE & 1) << i;
		l->cr |= (kind / WEFT_MEMCACHED_CR & 1) << i;
		l->lf |= (kind / WEFT_MEMCACHED_LF & 1) << i;
		if (i < 16) {
			leading &= kind;
			l->name[i / 8] |= (b[i] & -leading) << i % 8 * 8;
			l->known[i / 8] |= (0xff & -leading) << i % 8 * 8;
		}
	}
}

/* A command: its letters as two numbers, the first one in the lowest byte. */
struct weft_memcached_name {
	unsigned long long low;
	unsigned char high;
	unsigned char shape;
};

/* Not zero if these differ in what is known of the leading letters. */
static inline unsigned int weft_memcached_differs(const struct weft_memcached_line *l,
						  const struct weft_memcached_name *name)
{
	unsigned long long d =
	    ((name->low ^ l->name[0]) & l->known[0]) | ((name->high ^ l->name[1]) & l->known[1]);

	d |= -d;
	asm volatile("" : "+r"(d)); /* else compared and branched upon after all */
	return (unsigned int)(d >> 63);
}

/* The set of shapes that the name may have; 0: it is no command's. */
static inline unsigned int weft_memcached_shapes(const struct weft_memcached_line *l)
{
	static const struct weft_memcached_name kNames[] = {
	    {0x746567ull, 0, WEFT_MEMCACHED_KEYS},	       /* get */
	    {0x73746567ull, 0, WEFT_MEMCACHED_KEYS},	       /* gets */
	    {0x676dull, 0, WEFT_MEMCACHED_KEYS},	       /* mg */
	    {0x646dull, 0, WEFT_MEMCACHED_KEYS},	       /* md */
	    {0x616dull, 0, WEFT_MEMCACHED_KEYS},	       /* ma */
	    {0x656dull, 0, WEFT_MEMCACHED_KEYS},	       /* me */
	    {0x6e6dull, 0, WEFT_MEMCACHED_NONE},	       /* mn */
	    {0x736dull, 0, WEFT_MEMCACHED_NUMBER},	       /* ms */
	    {0x746167ull, 0, WEFT_MEMCACHED_AGED},	       /* gat */
	    {0x73746167ull, 0, WEFT_MEMCACHED_AGED},	       /* gats */
	    {0x746573ull, 0, WEFT_MEMCACHED_NUMBERS},	       /* set */
	    {0x646461ull, 0, WEFT_MEMCACHED_NUMBERS},	       /* add */
	    {0x736163ull, 0, WEFT_MEMCACHED_NUMBERS},	       /* cas */
	    {0x6563616c706572ull, 0, WEFT_MEMCACHED_NUMBERS},  /* replace */
	    {0x646e65707061ull, 0, WEFT_MEMCACHED_NUMBERS},    /* append */
	    {0x646e6570657270ull, 0, WEFT_MEMCACHED_NUMBERS},  /* prepend */
	    {0x6574656c6564ull, 0, WEFT_MEMCACHED_DELETE},     /* delete */
	    {0x72636e69ull, 0, WEFT_MEMCACHED_NUMBER},	       /* incr */
	    {0x72636564ull, 0, WEFT_MEMCACHED_NUMBER},	       /* decr */
	    {0x6863756f74ull, 0, WEFT_MEMCACHED_NUMBER},       /* touch */
	    {0x7374617473ull, 0, WEFT_MEMCACHED_ANY},	       /* stats */
	    {0x6e6f6973726576ull, 0, WEFT_MEMCACHED_NONE},     /* version */
	    {0x6c615f6873756c66ull, 0x6c, WEFT_MEMCACHED_ANY}, /* flush_all */
	    {0x7469736f62726576ull, 0x79, WEFT_MEMCACHED_ANY}, /* verbosity */
	};
	unsigned int i, shapes = 0;

	for (i = 0; i < sizeof(kNames) / sizeof(kNames[0]); i++)
		shapes |= (1 ^ weft_memcached_differs(l, &kNames[i])) << kNames[i].shape;
	return shapes;
}

/* Each takes the bit of where something ought to be and gives that of the byte behind it.
 * Adding the lowest bit of a run carries to the bit after the run. */
static inline unsigned int weft_memcached_blank(struct weft_memcached_line *l, unsigned int at)
{
	l->bad |= at & ~l->space;
	return at << 1;
}

static inline unsigned int weft_memcached_key(struct weft_memcached_line *l, unsigned int at)
{
	l->bad |= at & ~l->shown;
	return (l->shown + at) & ~l->shown;
}

static inline unsigned int weft_memcached_number(struct weft_memcached_line *l, unsigned int at)
{
	at = weft_memcached_blank(l, at);
	at += at & l->minus;
	l->bad |= at & ~l->digit;
	return (l->digit + at) & ~l->digit;
}

/* What is left of the line; the bit of its line feed. */
static inline unsigned int weft_memcached_rest(struct weft_memcached_line *l, unsigned int at)
{
	unsigned int text = l->shown | l->space;

	l->bad |= at & ~(l->space | l->cr);
	at = (text + at) & ~text;
	l->bad |= (at & ~l->cr) | (at << 1 & ~l->lf);
	return at << 1;
}

/* `at`: the bit behind the name. Returns that of the line's last byte. */
static inline unsigned int weft_memcached_arguments(struct weft_memcached_line *l,
						    unsigned int shapes, unsigned int at)
{
	unsigned int key;

	if (shapes & 1 << WEFT_MEMCACHED_NONE)
		l->bad |= at & ~l->cr;
	if (shapes & (1 << WEFT_MEMCACHED_NONE | 1 << WEFT_MEMCACHED_ANY))
		return weft_memcached_rest(l, at);
	if (shapes & 1 << WEFT_MEMCACHED_AGED)
		at = weft_memcached_number(l, at);
	key = weft_memcached_blank(l, at);
	at = weft_memcached_key(l, key);
	if (shapes & 1 << WEFT_MEMCACHED_DELETE)
		l->bad |= at & (l->digit + key) & ~l->digit;
	if (shapes & (1 << WEFT_MEMCACHED_NUMBER | 1 << WEFT_MEMCACHED_NUMBERS))
		at = weft_memcached_number(l, at);
	if (shapes & 1 << WEFT_MEMCACHED_NUMBERS)
		at = weft_memcached_number(l, weft_memcached_number(l, at));
	return weft_memcached_rest(l, at);
}

static inline int weft_sniff_memcached(const unsigned char *b, unsigned int n)
{
	struct weft_memcached_line l = {0, 0, 0, 0, 0, 0, 0, 0, {0, 0}, {0, 0}};
	unsigned int valid, behind, shapes, last;

	if (n > WEFT_SNIFF_LEN)
		n = WEFT_SNIFF_LEN;
	weft_memcached_mark(&l, b, n);
	valid = (1u << n) - 1;
	behind = (l.lower + 1) & ~l.lower & valid;
	if (behind) /* the name is all there */
		l.known[0] = l.known[1] = ~0ull;
	shapes = weft_memcached_shapes(&l);
	if (!shapes)
		return WEFT_SNIFF_NO;
	if (!behind)
		return WEFT_SNIFF_MAYBE;
	last = weft_memcached_arguments(&l, shapes, behind);
	if (l.bad & valid)
		return WEFT_SNIFF_NO;
	return last & valid || n == WEFT_SNIFF_LEN ? WEFT_SNIFF_REQUEST : WEFT_SNIFF_MAYBE;
}

#endif
