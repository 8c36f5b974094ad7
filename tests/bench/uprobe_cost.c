// SPDX-License-Identifier: Apache-2.0

// What a uprobe costs a call, without what is attached to it: prints the ns that an entry probe
// adds, and the ns that a return probe adds to those. The probes only count (perf).
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kCalls = 10000, kRounds = 20 };

// As most functions begin: by an instruction that the kernel emulates.
#if defined(__x86_64__)
__attribute__((naked, noinline)) static void target(void) {
  __asm__ volatile("push %rbp\n pop %rbp\n ret");
}
#else
__attribute__((noinline)) static void target(void) {
  __asm__ volatile("" ::: "memory");
}
#endif

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static double call_ns(void) {
  const double begin = now_ns();
  for (int i = 0; i < kCalls; ++i) {
    target();
  }
  return (now_ns() - begin) / kCalls;
}

// Position in the file of an address of this program, -1 if none.
static int64_t file_offset(uintptr_t address) {
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  int64_t found = -1;
  while (maps != NULL && found < 0 && fgets(line, sizeof line, maps) != NULL) {
    unsigned long begin, end, offset;
    if (sscanf(line, "%lx-%lx %*s %lx", &begin, &end, &offset) == 3 && address >= begin &&
        address < end) {
      found = (int64_t)(address - begin + offset);
    }
  }
  if (maps != NULL) {
    fclose(maps);
  }
  return found;
}

static unsigned pmu_type(void) {
  unsigned type = 0;
  FILE* file = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
  if (file != NULL) {
    if (fscanf(file, "%u", &type) != 1) {
      type = 0;
    }
    fclose(file);
  }
  return type;
}

// flags: 1 is the return. Negative: refused.
static int probe(uint64_t flags) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = pmu_type();
  attr.config = flags;
  attr.config1 = (uintptr_t) "/proc/self/exe";
  attr.config2 = (uint64_t)file_offset((uintptr_t)target);
  return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

// Lowers *least to the ns of a call with the probe on: what else runs only ever adds.
static int round_with(uint64_t flags, double* least) {
  const int fd = probe(flags);
  if (fd < 0) {
    return -1;
  }
  const double took = call_ns();
  *least = took < *least ? took : *least;
  return close(fd);
}

int main(void) {
  double plain = 1e18, entry = 1e18, back = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const double took = call_ns();
    plain = took < plain ? took : plain;
    if (round_with(0, &entry) != 0 || round_with(1, &back) != 0) {
      perror("perf_event_open");
      return 1;
    }
  }
  printf("%.0f %.0f\n", entry - plain, back - entry);
  return 0;
}
