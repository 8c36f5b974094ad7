// SPDX-License-Identifier: Apache-2.0
// verifier_cost OBJECT [PROGRAM...]: what the running kernel's verifier makes of each program of a
// BPF object, alone: instructions followed, its own time, the frames on the stack. A name may end
// in *. Programs of hook types that this kernel lacks are refused, and so is what its last line
// says.
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PROGRAMS 256
#define LOG_BYTES (1u << 20)

enum { LOG_STATISTICS = 4 };  // BPF_LOG_STATS

static int quiet(enum libbpf_print_level level, const char* format, va_list args) {
  (void)level, (void)format, (void)args;
  return 0;
}

static int is_wanted(const char* name, char** patterns) {
  if (!*patterns) return 1;
  for (; *patterns; ++patterns) {
    const size_t length = strlen(*patterns);
    if (!strcmp(name, *patterns)) return 1;
    if (length && (*patterns)[length - 1] == '*' && !strncmp(name, *patterns, length - 1)) return 1;
  }
  return 0;
}

// The words behind `label` in the log, up to the end of the line.
static void show(const char* log, const char* label, const char* heading, int width) {
  const char* at = strstr(log, label);
  at = at ? at + strlen(label) : "-";
  printf("  %s %-*.*s", heading, width, (int)strcspn(at, " \n"), at);
}

static void show_refusal(char* log, int error) {
  char* at = strstr(log, "verification time");
  if (at) *at = 0;
  size_t length = strlen(log);
  while (length && log[length - 1] == '\n') log[--length] = 0;
  const char* line = strrchr(log, '\n');
  printf("  refused: %s: %s\n", strerror(-error), line ? line + 1 : log);
}

// One program at a time: what others need does not count.
static struct bpf_program* only(struct bpf_object* object, const char* name) {
  struct bpf_program *program, *found = NULL;
  bpf_object__for_each_program(program, object) {
    const int is_it = !strcmp(bpf_program__name(program), name);
    bpf_program__set_autoload(program, is_it);
    if (is_it) found = program;
  }
  struct bpf_map* rings = bpf_object__find_map_by_name(object, "rings");
  if (rings) bpf_map__set_max_entries(rings, (unsigned)libbpf_num_possible_cpus());
  return found;
}

static void measure(const char* path, const char* name) {
  static char log[LOG_BYTES];
  struct bpf_object* object = bpf_object__open(path);
  struct bpf_program* program = object ? only(object, name) : NULL;
  if (!program) return;
  log[0] = 0;
  bpf_program__set_log_level(program, LOG_STATISTICS);
  bpf_program__set_log_buf(program, log, sizeof log);
  const int error = bpf_object__load(object);
  printf("%-16s", name);
  show(log, "processed ", "followed", 8);
  show(log, "verification time ", "µs", 8);
  if (error)
    show_refusal(log, error);
  else
    show(log, "stack depth ", "stack", 0), puts("");
  bpf_object__close(object);
}

int main(int argc, char** argv) {
  static char names[MAX_PROGRAMS][64];
  struct bpf_program* program;
  int count = 0;
  libbpf_set_print(quiet);
  struct bpf_object* object = argc > 1 ? bpf_object__open(argv[1]) : NULL;
  if (!object) return fprintf(stderr, "usage: %s OBJECT [PROGRAM...]\n", argv[0]), 2;
  bpf_object__for_each_program(program, object) {
    if (count < MAX_PROGRAMS && is_wanted(bpf_program__name(program), argv + 2)) {
      snprintf(names[count++], sizeof names[0], "%s", bpf_program__name(program));
    }
  }
  bpf_object__close(object);
  for (int i = 0; i < count; ++i) measure(argv[1], names[i]);
  return count ? 0 : 1;
}
