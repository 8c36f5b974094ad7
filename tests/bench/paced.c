// SPDX-License-Identifier: Apache-2.0
// Requests at a fixed rate: paced PORT CONNECTIONS RATE SECONDS < REQUEST
//
// Sends the bytes of its input RATE times a second to 127.0.0.1:PORT, each on a connection that
// waits for no response. Every response has the length of the first one. Prints how many were
// answered, the seconds, and the 99th percentile of µs from when a request was due to the end of
// its response.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kConnections = 1024, kRequest = 4096, kMost = 1 << 24, kQuietMs = 50 };

static struct {
  int fd;
  double due;      // of the request that is not answered; 0: none
  size_t missing;  // bytes of its response
} connections[kConnections];
static int idle[kConnections], idle_count;
static char request[kRequest], response[1 << 16];
static size_t request_size, response_size;
static float* took;
static size_t answered;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int connected(int port) {
  const struct sockaddr_in to = {.sin_family = AF_INET,
                                 .sin_port = htons((unsigned short)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, (const struct sockaddr*)&to, sizeof to) != 0) exit(3);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static void send_on(int n, double due) {
  if (write(connections[n].fd, request, request_size) != (ssize_t)request_size) exit(4);
  connections[n].due = due;
  connections[n].missing = response_size;
}

// The first response ends when nothing more comes.
static void learn_size(void) {
  struct pollfd ready = {.fd = connections[0].fd, .events = POLLIN};
  send_on(0, 0);
  for (int wait = 2000; poll(&ready, 1, wait) == 1; wait = kQuietMs) {
    const ssize_t n = read(ready.fd, response, sizeof response);
    if (n <= 0) exit(5);
    response_size += (size_t)n;
  }
  if (response_size == 0) exit(5);
}

static void receive_on(int n) {
  const ssize_t got = read(connections[n].fd, response, sizeof response);
  if (got <= 0 || (size_t)got > connections[n].missing) {
    if (got < 0 && errno == EAGAIN) return;
    exit(6);
  }
  connections[n].missing -= (size_t)got;
  if (connections[n].missing > 0) return;
  if (answered < kMost) took[answered++] = (float)((now() - connections[n].due) * 1e6);
  idle[idle_count++] = n;
}

static void wait_until(int poller, double at) {
  struct epoll_event events[64];
  double left = at - now();
  if (left > 0.1) left = 0.1;
  const struct timespec timeout = {.tv_nsec = left > 0 ? (long)(left * 1e9) : 0};
  const int n = epoll_pwait2(poller, events, 64, &timeout, NULL);
  for (int i = 0; i < n; ++i) receive_on((int)events[i].data.u32);
}

static int by_size(const void* a, const void* b) {
  const float x = *(const float*)a, y = *(const float*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const int port = atoi(argv[1]), count = atoi(argv[2]), poller = epoll_create1(0);
  const double rate = atof(argv[3]), seconds = atof(argv[4]);
  if (count < 1 || count > kConnections || rate <= 0 || seconds <= 0 || seconds * rate > kMost)
    return 2;
  request_size = fread(request, 1, sizeof request, stdin);
  took = malloc(kMost * sizeof *took);
  for (int n = 0; n < count; ++n) {
    struct epoll_event readable = {.events = EPOLLIN, .data.u32 = (unsigned)n};
    connections[n].fd = connected(port);
    epoll_ctl(poller, EPOLL_CTL_ADD, connections[n].fd, &readable);
    idle[idle_count++] = n;
  }
  learn_size();
  const double begin = now(), end = begin + seconds;
  size_t sent = 0;
  for (double due = begin; due < end; due = begin + (double)sent / rate) {
    if (idle_count > 0 && due <= now()) {
      send_on(idle[--idle_count], due);
      ++sent;
    } else {
      wait_until(poller, idle_count > 0 ? due : now() + 1);
    }
    if (now() > end + 10) exit(7);  // too fast for this server
  }
  while (idle_count < count && now() < end + 10) wait_until(poller, now() + 1);
  const double lasted = now() - begin;
  qsort(took, answered, sizeof *took, by_size);
  if (answered == 0) return 7;
  printf("%zu %.6f %.1f\n", answered, lasted, took[(answered * 99 - 1) / 100]);
  return 0;
}
