// SPDX-License-Identifier: Apache-2.0
// Reads the kernel side's counts of requests that were left out.
#pragma once

#include <functional>
#include <map>

#include "bpf/abi/weft_left_out.h"

namespace weft::kernel {

// One thread. Memory: as the map's.
class LeftOutCounts {
 public:
  // Called with what was counted since the last read.
  using Visit = std::function<void(const weft_left_out_key& of, const weft_left_out& counted)>;

  explicit LeftOutCounts(int map_fd) : fd_(map_fd) {}

  // Entries of processes that have ended, and so are not counted any more, are removed.
  void read(const Visit& visit, const std::function<bool(uint32_t pid)>& has_ended);

 private:
  struct Before {
    bool operator()(const weft_left_out_key& a, const weft_left_out_key& b) const;
  };
  int fd_;
  std::map<weft_left_out_key, weft_left_out, Before> last_;
};

}  // namespace weft::kernel
