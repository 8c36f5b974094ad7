// SPDX-License-Identifier: Apache-2.0
// What libbpf says while it loads programs, to move the hook of a refused one to the next hook
// type.
#pragma once

#include <string>

namespace weft::kernel {

// While it lives, libbpf's words on this thread go here. One per thread at a time.
class LoadLog {
 public:
  LoadLog();
  ~LoadLog();
  LoadLog(const LoadLog&) = delete;
  LoadLog& operator=(const LoadLog&) = delete;

  std::string failed_program;  // the last one; empty: none
  std::string text;            // the end of all words
};

// Errors and warnings of libbpf are not printed from now on.
void silence_libbpf();

}  // namespace weft::kernel
