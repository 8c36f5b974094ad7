// SPDX-License-Identifier: Apache-2.0
// The kernel's iterator over a process's mappings (bpf/prog/code.bpf.c).
#pragma once

#include <cstdint>
#include <vector>

#include "agent/port/code_map.h"

struct bpf_program;

namespace weft::kernel {

class CodeIterator final : public CodeMap {
 public:
  // program: null if this kernel has no such iterator. wanted: the program's variable that holds
  // the pid.
  CodeIterator(bpf_program* program, uint32_t* wanted) : program_(program), wanted_(wanted) {}

  std::vector<MappedCode> of(uint32_t pid) override;

 private:
  bpf_program* program_;
  uint32_t* wanted_;
};

}  // namespace weft::kernel
