// SPDX-License-Identifier: Apache-2.0
// weft_tasks PORT NEXT_PORT: an HTTP proxy on tasks of its own in one thread. Each request is a
// task that spawns another, which asks the next server for the same path; that one hands its answer
// back. Requests wait for one another on purpose: no request is sent on before the next ones were
// read, so that neither the thread nor the order of events says whose it is.
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// What a runtime lets others see.
uint64_t tasks_current;
#define VISIBLE __attribute__((noinline, visibility("default")))
VISIBLE void tasks_switch(uint64_t task) {
  tasks_current = task;
  __asm__ volatile("" : : "r"(task) : "memory");
}
VISIBLE uint64_t tasks_spawn(uint64_t task) {
  __asm__ volatile("" : "+r"(task) : : "memory");
  return task;
}
VISIBLE void tasks_end(uint64_t task) {
  __asm__ volatile("" : : "r"(task) : "memory");
}

enum { MOST = 64, DELAY_MS = 30 };
struct request {
  int fd, next;  // -1: none
  uint64_t task, child;
  long due;  // when to ask the next server; 0: asked already
  char path[256];
};
static struct request requests[MOST];
static uint64_t last_task = 0x10000;
static int next_port;

static long now_ms(void) {
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int connected(int port) {
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  if (connect(fd, (struct sockaddr*)&to, sizeof to)) exit(1);
  return fd;
}

static void read_request(struct request* r) {
  char text[4096] = "";

  r->task = ++last_task;
  tasks_switch(r->task);
  if (read(r->fd, text, sizeof text - 1) <= 0 || sscanf(text, "%*s %255s", r->path) != 1) {
    close(r->fd);
    r->fd = -1;
  }
  r->due = now_ms() + DELAY_MS;
  tasks_switch(0);
}

static void ask(struct request* r) {
  char text[400];
  int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: next\r\n\r\n", r->path);

  tasks_switch(r->task);
  r->child = tasks_spawn(++last_task);
  tasks_switch(r->child);
  r->next = connected(next_port);
  if (write(r->next, text, n) != n) exit(1);
  r->due = 0;
  tasks_switch(0);
}

static void answer(struct request* r) {
  static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  char text[4096];

  tasks_switch(r->child);
  if (read(r->next, text, sizeof text) <= 0) exit(1);
  close(r->next);
  tasks_end(r->child);
  tasks_switch(r->task);
  if (write(r->fd, ok, sizeof ok - 1) < 0) exit(1);
  close(r->fd);
  tasks_end(r->task);
  tasks_switch(0);
  r->fd = r->next = -1;
}

static void accept_one(int listener) {
  for (int i = 0; i < MOST; i++)
    if (requests[i].fd < 0) {
      requests[i] = (struct request){.fd = accept(listener, NULL, NULL), .next = -1};
      return;
    }
}

static void serve(int listener) {
  struct pollfd all[1 + 2 * MOST];

  all[0] = (struct pollfd){.fd = listener, .events = POLLIN};
  for (int i = 0; i < MOST; i++) {
    struct request* r = &requests[i];

    all[1 + i] = (struct pollfd){.fd = r->task ? -1 : r->fd, .events = POLLIN};
    all[1 + MOST + i] = (struct pollfd){.fd = r->next, .events = POLLIN};
  }
  poll(all, 1 + 2 * MOST, 5);
  for (int i = 0; i < MOST; i++) {
    struct request* r = &requests[i];

    if (all[1 + i].revents)
      read_request(r);
    else if (all[1 + MOST + i].revents)
      answer(r);
    else if (r->fd >= 0 && r->due && now_ms() >= r->due)
      ask(r);
  }
  if (all[0].revents) accept_one(listener);
}

int main(int argc, char** argv) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;

  if (argc != 3) return 2;
  at.sin_port = htons(atoi(argv[1]));
  next_port = atoi(argv[2]);
  for (int i = 0; i < MOST; i++) requests[i].fd = requests[i].next = -1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr*)&at, sizeof at) || listen(listener, MOST)) return 1;
  for (;;) serve(listener);
}
