// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/elf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const weft::MemoryBytes file({reinterpret_cast<const char*>(data), size});
  weft::python_version(weft::read_elf(file, true).python);
  return 0;
}
