// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/binary.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "agent/discover/proc/elf.h"

namespace weft::resolve {
namespace {

// Enough for a dozen passes over the largest programs.
constexpr uint64_t kBudget = 2ULL << 30;

}  // namespace

Binary::Binary(Fd fd, std::unique_ptr<Bytes> bytes)
    : fd_(std::move(fd)), bytes_(std::move(bytes)), cached_(*bytes_, kBudget), elf_(cached_) {}

Result<std::unique_ptr<Binary>> Binary::checked(std::unique_ptr<Binary> binary,
                                                const std::string& name) {
  if (binary->elf_.valid() && binary->elf_.wide() && binary->elf_.machine() == EM_X86_64) {
    return binary;
  }
  return fail(ExitCode::kFailure, name + ": not an x86-64 program");
}

Result<std::unique_ptr<Binary>> Binary::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat st {};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) {
    return fail(ExitCode::kFailure, path + ": not a readable file");
  }
  auto bytes = std::make_unique<FileBytes>(fd);
  return checked(std::unique_ptr<Binary>(new Binary(std::move(fd), std::move(bytes))), path);
}

Result<std::unique_ptr<Binary>> Binary::over(std::unique_ptr<Bytes> bytes,
                                             const std::string& name) {
  return checked(std::unique_ptr<Binary>(new Binary(Fd(), std::move(bytes))), name);
}

std::string Binary::build_id() const {
  return read_elf(cached_, false).build_id;
}

std::optional<uint64_t> Binary::file_offset(uint64_t address) const {
  return elf_.file_offset(address);
}

}  // namespace weft::resolve
