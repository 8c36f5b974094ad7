// SPDX-License-Identifier: Apache-2.0
// Anything a process may publish as its context. The first byte splits the input: the text of its
// maps, and its memory, which begins at 0x1000 and changes while it is read.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "agent/discover/context/process_context.h"

namespace {

class Fuzzed final : public weft::ProcessMemory {
 public:
  Fuzzed(std::string_view maps, std::string_view memory) : maps_(maps), memory_(memory) {}

  std::string maps() override { return std::string(maps_); }
  bool read(uint64_t address, std::span<char> out) override {
    constexpr uint64_t kBegin = 0x1000;
    const uint64_t at = address - kBegin;
    if (at > memory_.size() || out.size() > memory_.size() - at) return false;
    std::memcpy(out.data(), memory_.data() + at, out.size());
    if (memory_.size() > 64) memory_.remove_prefix(1);
    return true;
  }

 private:
  std::string_view maps_;
  std::string_view memory_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t split = std::min<size_t>(data[0], input.size());
  Fuzzed process(input.substr(0, split), input.substr(split));
  const weft::ProcessContextPtr context = weft::read_context(process, nullptr);
  weft::read_context(process, context);
  const auto attributes = weft::decode_context(input);
  if (attributes && attributes->size() > 64) std::abort();
  return 0;
}
