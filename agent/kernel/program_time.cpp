// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/program_time.h"

#include <bpf/bpf.h>

namespace weft::kernel {

void ProgramTime::begin_window() {
  measuring_ = Fd(bpf_enable_stats(BPF_STATS_RUN_TIME));  // since 5.8
  before_ = total();
}

uint64_t ProgramTime::end_window() {
  if (!measuring_.valid()) return 0;
  const uint64_t taken = total() - before_;
  measuring_ = Fd();
  return taken;
}

uint64_t ProgramTime::total() const {
  uint64_t sum = 0;
  for (const int program : programs_) {
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (bpf_prog_get_info_by_fd(program, &info, &size) == 0) sum += info.run_time_ns;
  }
  return sum;
}

}  // namespace weft::kernel
