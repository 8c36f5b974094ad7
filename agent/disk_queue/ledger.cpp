// SPDX-License-Identifier: Apache-2.0
#include "agent/disk_queue/ledger.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>

namespace weft::disk_queue {
namespace {

constexpr char kMagic[8] = {'W', 'E', 'F', 'T', 'L', 'D', 'G', '1'};
static_assert(std::atomic<uint64_t>::is_always_lock_free);

std::unexpected<Error> failed(const std::string& path, int error) {
  return fail(ExitCode::kWriteFailed, path + ": " + std::strerror(error));
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return failed(path, errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ExitCode::kAlreadyRunning, path + ": another agent uses this disk queue");
  }
  // Storing to a page for which the disk has no room would be SIGBUS: allocate it now.
  if (const int error = posix_fallocate(fd.get(), 0, sizeof(Counts))) return failed(path, error);
  void* at = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (at == MAP_FAILED) return failed(path, errno);
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(fd), static_cast<Counts*>(at)));
  Counts& counts = ledger->counts();
  ledger->fresh_ = std::memcmp(counts.magic, kMagic, sizeof kMagic) != 0;
  if (ledger->fresh_) {
    counts.accepted = counts.dropped = counts.read_upto = 0;
    std::memcpy(counts.magic, kMagic, sizeof kMagic);
  }
  return ledger;
}

Ledger::~Ledger() {
  munmap(counts_, sizeof(Counts));
}

}  // namespace weft::disk_queue
