// SPDX-License-Identifier: Apache-2.0
// Follows locators (agent/port/locator.h) in a binary.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/port/locator.h"
#include "agent/resolve/binary.h"

namespace weft::resolve {

struct Found {
  uint64_t address = 0;
  uint64_t size = 0;              // bytes; 0: not known
  uint64_t file_offset = 0;       // 0: not in the file (.bss)
  uint64_t semaphore_offset = 0;  // in the file, for ref_ctr_offset; 0: none
  std::string arguments;          // of a USDT probe
  std::string how;                // "dynsym", "rtti vtable", …: shown by doctor
};

// Returns what the first successful locator finds: one address, but possibly many for USDT probes.
// Empty: none succeeds.
std::vector<Found> locate(const Binary& binary, std::span<const Locator> locators);

}  // namespace weft::resolve
