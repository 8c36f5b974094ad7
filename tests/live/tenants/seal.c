// SPDX-License-Identifier: Apache-2.0
// libweftseal: stands for a TLS library. What it sends is encrypted, by XOR; an object stands for
// the connection.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seal {
  int fd;
  unsigned char key;
};

struct seal* seal_new(int fd) {
  struct seal* s = malloc(sizeof *s);

  s->fd = fd;
  s->key = 0x5a;
  return s;
}

void seal_free(struct seal* s) {
  free(s);
}

static void turn(const struct seal* s, unsigned char* bytes, long n) {
  for (long i = 0; i < n; i++) bytes[i] ^= s->key;
}

long seal_send(struct seal* s, const void* bytes, size_t n) {
  unsigned char* sealed = malloc(n);
  long sent;

  memcpy(sealed, bytes, n);
  turn(s, sealed, (long)n);
  sent = write(s->fd, sealed, n);
  free(sealed);
  return sent;
}

long seal_receive(struct seal* s, void* bytes, size_t n) {
  long have = read(s->fd, bytes, n);

  turn(s, bytes, have);
  return have;
}
