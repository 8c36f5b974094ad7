// SPDX-License-Identifier: Apache-2.0
// Reads facts about the program in an ELF file. Reads little of it, and trusts no offset: for any
// bytes, no read leaves the file, memory is bounded, and invalid data counts as absent.
// Little-endian, 32 and 64 bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/fd.h"

namespace weft {

// Random access to bytes. read() returns fewer bytes than asked only at the end.
class Bytes {
 public:
  virtual ~Bytes() = default;
  virtual std::string read(uint64_t offset, size_t n) const = 0;
};

// Borrows the descriptor.
class FileBytes final : public Bytes {
 public:
  explicit FileBytes(const Fd& fd) : fd_(fd.get()) {}
  std::string read(uint64_t offset, size_t n) const override;

 private:
  int fd_;
};

// Borrows the text.
class MemoryBytes final : public Bytes {
 public:
  explicit MemoryBytes(std::string_view bytes) : bytes_(bytes) {}
  std::string read(uint64_t offset, size_t n) const override;

 private:
  std::string_view bytes_;
};

struct ElfFacts {
  std::vector<std::string> needed;  // DT_NEEDED, in order
  std::string go_version;           // "go1.22.3": from .go.buildinfo, stripped or not
  std::string rust_version;         // "1.75.0": from .comment
  std::string build_id;             // GNU build id, hex
  std::string go_build_id;
  uint32_t python = 0;  // value of the symbol Py_Version (3.11 and later), 0 none
};

// Empty facts if it is not an ELF file. The Python version needs a walk over the dynamic symbols,
// so it is read only on request.
ElfFacts read_elf(const Bytes& file, bool want_python);

// PY_VERSION_HEX as text: "3.11.7", "3.13.0rc2". Empty for an invalid value.
std::string python_version(uint32_t hex);

}  // namespace weft
