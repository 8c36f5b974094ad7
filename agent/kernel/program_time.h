// SPDX-License-Identifier: Apache-2.0
// How much time the BPF programs take. The kernel measures it on request, which costs as much again
// as a small program, so it is asked for short windows.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "agent/base/fd.h"

namespace weft::kernel {

// One thread.
class ProgramTime {
 public:
  // programs: their file descriptors, which outlive this.
  explicit ProgramTime(std::vector<int> programs) : programs_(std::move(programs)) {}

  void begin_window();
  // Ends the window: ns of all programs on all CPUs in it; 0 if there was none, or the kernel
  // refuses to measure.
  uint64_t end_window();
  bool open() const { return measuring_.valid(); }

 private:
  uint64_t total() const;

  std::vector<int> programs_;
  Fd measuring_;
  uint64_t before_ = 0;
};

}  // namespace weft::kernel
