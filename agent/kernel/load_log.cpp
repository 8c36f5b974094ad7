// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/load_log.h"

#include <bpf/libbpf.h>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace weft::kernel {
namespace {

// libbpf reports through one process-wide callback.
thread_local LoadLog* current_log = nullptr;

constexpr size_t kLogBytes = 64 * 1024;

int on_libbpf(libbpf_print_level level, const char* format, va_list args) {
  if (level == LIBBPF_DEBUG) return 0;
  char* line = nullptr;
  const int n = vasprintf(&line, format, args);
  if (n < 0) return n;
  const std::unique_ptr<char, decltype(&std::free)> owner(line, &std::free);
  if (!current_log) return n;
  char name[64];
  if (std::sscanf(line, "libbpf: prog '%63[^']': failed to load", name) == 1 ||
      std::sscanf(line, "libbpf: prog '%63[^']': failed to find kernel BTF", name) == 1) {
    current_log->failed_program = name;
  }
  // The verifier's conclusion is its last line, so the end is kept.
  std::string& text = current_log->text;
  text += line;
  if (text.size() > kLogBytes) text.erase(0, text.size() - kLogBytes);
  return n;
}

}  // namespace

LoadLog::LoadLog() {
  current_log = this;
}
LoadLog::~LoadLog() {
  current_log = nullptr;
}

void silence_libbpf() {
  libbpf_set_print(on_libbpf);
}

}  // namespace weft::kernel
