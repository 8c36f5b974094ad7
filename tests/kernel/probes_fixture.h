// SPDX-License-Identifier: Apache-2.0
// Functions of the test itself, to be probed as an engine's would be and called by a child.
#pragma once

#include <algorithm>
#include <cinttypes>
#include <fstream>
#include <initializer_list>
#include <optional>

#include "tests/kernel/kernel_fixture.h"

struct Pointee {
  uint32_t before;
  uint32_t number;
  const Pointee* next;
};
inline uint64_t weft_test_global = 0;

// Does what it is told to inside, and returns its first argument.
[[gnu::noinline]] inline uint64_t weft_test_call(uint64_t result, const Pointee* object,
                                                 const char* text, void (*inside)()) {
  if (inside) inside();
  asm volatile("" : : "r"(object), "r"(text) : "memory");
  return result;
}
[[gnu::noinline]] inline uint64_t weft_test_wait(uint64_t result) {
  asm volatile("" : : : "memory");
  return result;
}
[[gnu::noinline]] inline void weft_test_end(const Pointee* object) {
  asm volatile("" : : "r"(object) : "memory");
}

namespace weft::kernel::testing {

// Through pointers that no compiler looks through.
inline uint64_t (*volatile call)(uint64_t, const Pointee*, const char*,
                                 void (*)()) = weft_test_call;
inline uint64_t (*volatile wait)(uint64_t) = weft_test_wait;
inline void (*volatile end)(const Pointee*) = weft_test_end;

// Where in its file an address of this process is.
inline std::optional<uint64_t> file_offset(uint64_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    uint64_t from = 0, to = 0, offset = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &from, &to, &offset) != 3)
      continue;
    if (address >= from && address < to) return address - from + offset;
  }
  return std::nullopt;
}

template <class Function>
uint64_t address_of(Function* function) {
  return reinterpret_cast<uint64_t>(function);
}

// add: to the base; then after each pointer that is followed.
inline weft_fetch fetch(weft_fetch_from from, uint8_t index, uint8_t size,
                        std::initializer_list<int64_t> add) {
  weft_fetch out{};
  out.from = from;
  out.index = index;
  out.size = size;
  out.steps = static_cast<uint8_t>(add.size() - 1);
  std::copy(add.begin(), add.end(), out.add);
  return out;
}

inline weft_fetch argument(uint8_t index, uint8_t size = 0,
                           std::initializer_list<int64_t> add = {0}) {
  return fetch(WEFT_FETCH_ARG, index, size, add);
}

inline constexpr uint8_t kTarget = 77;
inline constexpr uint8_t kNumber = 5;

class ProbesTest : public KernelFixture {
 protected:
  ProbesTest() : KernelFixture("function calls") {}

  static weft_probe spec() {
    weft_probe out{};
    out.call = 1;
    out.target_kind = WEFT_KIND_RUNTIME;
    out.target = kTarget;
    out.number = kNumber;
    return out;
  }
  template <class Function>
  uint32_t attach(Function* function, weft_probe spec, weft_probe_kind kind) {
    spec.kind = kind;
    CompiledProbe probe{.binary = "/proc/self/exe",
                        .offset = file_offset(address_of(function)).value_or(0),
                        .spec = spec};
    const Result<uint32_t> number = object_->probes().attach(probe);
    EXPECT_TRUE(number) << number.error().message;
    return number.value_or(0);
  }
  template <class Function>
  void attach_call(Function* function, const weft_probe& spec) {
    attach(function, spec, WEFT_PROBE_ENTER);
    attach(function, spec, WEFT_PROBE_RETURN);
  }
  std::vector<uint64_t> results() const {
    std::vector<uint64_t> out;
    for (const weft_ev_probe& probe : probes) out.push_back(probe.result);
    return out;
  }
};

}  // namespace weft::kernel::testing
