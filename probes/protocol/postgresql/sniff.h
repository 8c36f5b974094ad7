/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL 3 classifier (contract: bpf/abi/weft_sniff.h).
 *
 *   request   startup packet: size, version 3.x, a key   ·  SSL, GSS or cancel request
 *             Query: size, text NUL     Parse: size, name NUL text NUL
 *             Bind: size, no portal, name NUL            ·  Execute: size 9, no portal
 *   response  ParseComplete, BindComplete, CloseComplete before another message
 *             ReadyForQuery  ·  CommandComplete: capitals  ·  RowDescription: a name
 *             ErrorResponse, NoticeResponse: S, capitals ·  Authentication: a known code
 *
 * Types that both sides use, or whose bodies may be anything, are left out: they do not
 * begin a turn but in the middle of something. Random bytes pass with less than 2^-24: a
 * type (at most 14 of 256), two zero bytes of a size below 64 KiB, and a body that must fit.
 * A startup packet has a key in letters where Kafka, whose request type and version may
 * look like 3.0, has the upper bytes of a counter.
 *
 * No branch depends on a byte inside the loop (see http1/sniff.h).
 */
#ifndef WEFT_POSTGRESQL_SNIFF_H
#define WEFT_POSTGRESQL_SNIFF_H

#include "bpf/abi/weft_sniff.h"

/* 1 if a < b, for values below 2^31. */
static inline unsigned int weft_postgresql_below(unsigned int a, unsigned int b) {
  return (a - b) >> 31;
}

static inline unsigned int weft_postgresql_is_in(unsigned char c, unsigned int low,
                                                 unsigned int high) {
  return weft_postgresql_below(low, c + 1u) & weft_postgresql_below(c, high + 1u);
}

/* Text from byte `from` up to the `strings`-th NUL, or to the end of what is there.
 * Returns the index of that NUL, 0 if it is not there; -1: this is no text. */
static inline int weft_postgresql_text(const unsigned char* b, unsigned int n, unsigned int from,
                                       unsigned int strings) {
  unsigned int i, bad = 0, end = 0;

  for (i = 5; i < WEFT_SNIFF_LEN; i++) {
    unsigned int live, nul, blank;

    if (i >= n) break;
    live = weft_postgresql_below(0, strings) & weft_postgresql_below(from, i + 1);
    nul = weft_postgresql_below(b[i], 1) & live;
    blank = 0x2600u >> (b[i] & 31) & 1; /* tab, line feed, carriage return */
    bad |= weft_postgresql_below(b[i], 32) & (1 - blank) & (1 - nul) & live;
    strings -= nul;
    end += i * (nul & weft_postgresql_below(strings, 1));
  }
  return bad ? -1 : (int)end;
}

/* `size` counts from byte 1; the first four bytes of a startup packet are its own. */
static inline int weft_postgresql_startup(const unsigned char* b, unsigned int n) {
  unsigned int size = (unsigned int)b[2] << 8 | b[3];

  if (n < 8 || b[1]) return WEFT_SNIFF_NO;
  if (b[4] == 4 && b[5] == 0xd2 && b[6] == 0x16) {
    if (b[7] == 0x2e) return size >= 16 && size <= 268 ? WEFT_SNIFF_REQUEST : WEFT_SNIFF_NO;
    return size == 8 && (b[7] == 0x2f || b[7] == 0x30) ? WEFT_SNIFF_REQUEST : WEFT_SNIFF_NO;
  }
  if (n < 10 || size < 10 || size > 10000 || b[4] || b[5] != 3 || b[6]) return WEFT_SNIFF_NO;
  return weft_postgresql_is_in(b[8], 'a', 'z') && weft_postgresql_is_in(b[9], 'a', 'z')
             ? WEFT_SNIFF_REQUEST
             : WEFT_SNIFF_NO;
}

static inline int weft_postgresql_request(const unsigned char* b, unsigned int n,
                                          unsigned int size) {
  int end;

  switch (b[0]) {
    case 'Q':
      end = weft_postgresql_text(b, n, 5, 1);
      return size > 4 && (end ? end == (int)size : size >= n);
    case 'P':
      end = weft_postgresql_text(b, n, 5, 2);
      return size > 8 && (end ? end > 0 && end < (int)size : size >= n);
    case 'B':
      end = weft_postgresql_text(b, n, 5, 2);
      return size > 11 && (end ? end > 0 && end < (int)size : size >= n) && !b[5];
    case 'E':
      return size == 9 && !b[5] && (n < 11 || b[10] == 'S' || b[10] == 'H');
  }
  return 0;
}

static inline int weft_postgresql_response(const unsigned char* b, unsigned int n,
                                           unsigned int size) {
  unsigned int capitals =
      n > 7 ? weft_postgresql_is_in(b[6], 'A', 'Z') & weft_postgresql_is_in(b[7], 'A', 'Z') : 0;

  switch (b[0]) {
    case '1':
    case '2':
    case '3':
      return size == 4 && (b[5] == '1' || b[5] == '2' || b[5] == '3' || b[5] == 't' ||
                           b[5] == 'T' || b[5] == 'n' || b[5] == 'D' || b[5] == 'C' ||
                           b[5] == 'I' || b[5] == 'E' || b[5] == 'Z');
    case 'Z':
      return size == 5 && n == 6 && (b[5] == 'I' || b[5] == 'T' || b[5] == 'E');
    case 'C':
      return size > 6 && size <= 68 && capitals && weft_postgresql_is_in(b[5], 'A', 'Z') &&
             weft_postgresql_text(b, n, 5, 1) >= 0;
    case 'T':
      return size > 24 && n > 8 && b[5] < 7 && (b[5] | b[6]) && b[7] &&
             weft_postgresql_text(b, n, 7, 1) >= 0;
    case 'E':
    case 'N':
      return size > 12 && n > 12 && b[5] == 'S' && capitals &&
             weft_postgresql_text(b, n, 5, 1) >= 0;
    case 'R':
      return size > 7 && n > 8 && !b[5] && !b[6] && !b[7] && b[8] < 14;
  }
  return 0;
}

static inline int weft_sniff_postgresql(const unsigned char* b, unsigned int n) {
  unsigned int size;

  if (n > WEFT_SNIFF_LEN) n = WEFT_SNIFF_LEN;
  if (n < 6) return WEFT_SNIFF_NO; /* too little to claim a connection for */
  if (!b[0]) return weft_postgresql_startup(b, n);
  if (b[1] | b[2]) return WEFT_SNIFF_NO;
  size = (unsigned int)b[3] << 8 | b[4];
  if (weft_postgresql_request(b, n, size)) return WEFT_SNIFF_REQUEST;
  return weft_postgresql_response(b, n, size) ? WEFT_SNIFF_RESPONSE : WEFT_SNIFF_NO;
}

#endif
