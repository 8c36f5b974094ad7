// SPDX-License-Identifier: Apache-2.0
// Short processes, as shells and build systems start them: fork_storm RATE
//
// For each line of its input, a number of seconds, starts RATE of them a second that long, or
// as many as the machine can, each with vfork and exec of this program, which then ends at once.
// Prints how many that were, the seconds, and the 99th percentile of what one took in µs.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kMost = 1 << 20 };
static unsigned took[kMost];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void start_one(void) {
  static char* const argv[] = {"short", "--lived", NULL};
  const pid_t pid = vfork();
  if (pid == 0) {
    execv("/proc/self/exe", argv);
    _exit(127);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) abort();
}

static int by_size(const void* a, const void* b) {
  const unsigned x = *(const unsigned*)a, y = *(const unsigned*)b;
  return (x > y) - (x < y);
}

static void storm(double rate, double seconds) {
  const double begin = now();
  size_t n = 0;
  for (double at = begin; n == 0 || (at < begin + seconds && n < kMost); at = now()) {
    const double due = begin + (double)n / rate;
    if (due > at) {
      usleep((useconds_t)((due - at) * 1e6));
      continue;
    }
    start_one();
    took[n++] = (unsigned)((now() - at) * 1e6);
  }
  const double lasted = now() - begin;
  qsort(took, n, sizeof took[0], by_size);
  printf("%zu %.6f %u\n", n, lasted, took[(n * 99 - 1) / 100]);
  fflush(stdout);
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--lived") == 0) return 0;
  const double rate = argc == 2 ? atof(argv[1]) : 0;
  double seconds = 0;
  if (rate <= 0) return 2;
  while (scanf("%lf", &seconds) == 1) storm(rate, seconds);
  return 0;
}
