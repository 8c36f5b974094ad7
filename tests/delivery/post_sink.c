// SPDX-License-Identifier: Apache-2.0
// post_sink: takes HTTP POSTs on a free port of loopback, which it prints, and answers 200 to
// each without looking at it: the cheapest backend there can be, for measuring.
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char kAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// The request's length from its head; 0: the head is not complete.
static size_t whole(const char *text) {
  const char *end = strstr(text, "\r\n\r\n");
  if (!end) return 0;
  const char *length = strcasestr(text, "content-length:");
  return (size_t)(end + 4 - text) + (length && length < end ? strtoul(length + 15, NULL, 10) : 0);
}

static void *serve(void *arg) {
  const int fd = (int)(long)arg;
  static __thread char buffer[1 << 20];
  size_t have = 0, left = 0;
  for (;;) {
    const ssize_t n = recv(fd, buffer + have, sizeof buffer - 1 - have, 0);
    if (n <= 0) break;
    if (left == 0) {
      have += (size_t)n;
      buffer[have] = 0;
      const size_t size = whole(buffer);
      if (size == 0) continue;
      left = size > have ? size - have : 0;
    } else {
      left -= (size_t)n < left ? (size_t)n : left;
    }
    have = 0;
    if (left == 0 && send(fd, kAnswer, sizeof kAnswer - 1, MSG_NOSIGNAL) < 0) break;
  }
  close(fd);
  return NULL;
}

int main(void) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 8)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    pthread_t thread;
    if (fd >= 0 && pthread_create(&thread, NULL, serve, (void *)(long)fd) == 0) pthread_detach(thread);
  }
}
