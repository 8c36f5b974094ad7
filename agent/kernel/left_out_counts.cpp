// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/left_out_counts.h"

#include <bpf/bpf.h>
#include <cstring>
#include <utility>
#include <vector>

namespace weft::kernel {
namespace {

weft_left_out since(const weft_left_out& before, const weft_left_out& now) {
  weft_left_out out{};
  out.sum = now.sum - before.sum;
  for (size_t i = 0; i < std::size(out.count); ++i) out.count[i] = now.count[i] - before.count[i];
  return out;
}

}  // namespace

bool LeftOutCounts::Before::operator()(const weft_left_out_key& a,
                                       const weft_left_out_key& b) const {
  return std::memcmp(&a, &b, sizeof a) < 0;
}

void LeftOutCounts::read(const Visit& visit, const std::function<bool(uint32_t pid)>& has_ended) {
  std::vector<weft_left_out_key> ended;
  weft_left_out_key key{};
  const weft_left_out_key* previous = nullptr;
  while (bpf_map_get_next_key(fd_, previous, &key) == 0) {
    previous = &key;
    weft_left_out now{};
    if (bpf_map_lookup_elem(fd_, &key, &now) != 0) continue;
    visit(key, since(std::exchange(last_[key], now), now));
    if (has_ended(key.pid)) ended.push_back(key);
  }
  for (const weft_left_out_key& of : ended) {
    bpf_map_delete_elem(fd_, &of);
    last_.erase(of);
  }
}

}  // namespace weft::kernel
