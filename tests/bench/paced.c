// SPDX-License-Identifier: Apache-2.0
// Requests at a fixed rate: paced PORT CONNECTIONS REQUEST
//
// Opens its connections to 127.0.0.1:PORT. For each line of its input, a rate and a number of
// seconds, it then sends the bytes of the request so many times a second that long, each on the
// connection that has waited for none the longest. Every response has the length of the first
// one. Prints how many were answered, the seconds, and the 99th percentile of µs from when a
// request was due to the end of its response.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kConnections = 1 << 14, kMost = 1 << 24, kQuietMs = 50 };

static struct {
  int fd;
  double due;      // of the request that is not answered; 0: none
  size_t missing;  // bytes of its response
} connections[kConnections];
static int count, poller;
static int idle[kConnections], idle_first, idle_count;  // a ring
static const char* request;
static char response[1 << 16];
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

static void put_idle(int n) {
  idle[(idle_first + idle_count++) % kConnections] = n;
}

static int take_idle(void) {
  const int n = idle[idle_first];
  idle_first = (idle_first + 1) % kConnections;
  --idle_count;
  return n;
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
  put_idle(n);
}

static void wait_until(double at) {
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

static void connect_all(int port) {
  const struct rlimit files = {kConnections + 64, kConnections + 64};
  if (count > 512) setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(0);
  for (int n = 0; n < count; ++n) {
    struct epoll_event readable = {.events = EPOLLIN, .data.u32 = (unsigned)n};
    connections[n].fd = connected(port);
    epoll_ctl(poller, EPOLL_CTL_ADD, connections[n].fd, &readable);
    put_idle(n);
  }
  learn_size();
}

static void run(double rate, double seconds) {
  const double begin = now(), end = begin + seconds;
  size_t sent = 0;
  answered = 0;
  for (double due = begin; due < end; due = begin + (double)sent / rate) {
    if (idle_count > 0 && due <= now()) {
      send_on(take_idle(), due);
      ++sent;
    } else {
      wait_until(idle_count > 0 ? due : now() + 1);
    }
    if (now() > end + 10) exit(7);  // too fast for this server
  }
  while (idle_count < count && now() < end + 10) wait_until(now() + 1);
  const double lasted = now() - begin;
  if (idle_count < count) exit(7);
  qsort(took, answered, sizeof *took, by_size);
  printf("%zu %.6f %.1f\n", answered, lasted, took[(answered * 99 - 1) / 100]);
  fflush(stdout);
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  double rate = 0, seconds = 0;
  count = atoi(argv[2]);
  if (count < 1 || count > kConnections) return 2;
  request = argv[3];
  request_size = strlen(request);
  took = malloc(kMost * sizeof *took);
  connect_all(atoi(argv[1]));
  while (scanf("%lf %lf", &rate, &seconds) == 2) {
    if (rate <= 0 || seconds <= 0 || seconds * rate > kMost) return 2;
    run(rate, seconds);
  }
  return 0;
}
