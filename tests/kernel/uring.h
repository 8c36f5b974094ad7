// SPDX-License-Identifier: Apache-2.0
// One io_uring request at a time, by system calls alone.
#pragma once

#include <cstdint>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weft::kernel::testing {

// Of one process, for as long as it runs: nothing is given back.
class Uring {
 public:
  Uring() {
    fd_ = static_cast<int>(syscall(SYS_io_uring_setup, 4, &params_));
    if (fd_ < 0) return;
    submissions_ = map(IORING_OFF_SQ_RING, 4096);
    completions_ = map(IORING_OFF_CQ_RING, 4096);
    entries_ = static_cast<io_uring_sqe*>(map(IORING_OFF_SQES, 4 * sizeof(io_uring_sqe)));
  }
  // False: the kernel refuses.
  bool valid() const { return fd_ >= 0; }

  static io_uring_sqe write(int fd, const char* bytes, uint32_t size) {
    io_uring_sqe out{};
    out.opcode = IORING_OP_WRITE;
    out.fd = fd;
    out.addr = reinterpret_cast<uint64_t>(bytes);
    out.len = size;
    return out;
  }
  static io_uring_sqe fsync(int fd) {
    io_uring_sqe out{};
    out.opcode = IORING_OP_FSYNC;
    out.fd = fd;
    return out;
  }
  // Its result.
  int run(const io_uring_sqe& request) {
    uint32_t& tail = at(submissions_, params_.sq_off.tail);
    const uint32_t slot = tail & at(submissions_, params_.sq_off.ring_mask);
    entries_[slot] = request;
    at(submissions_, params_.sq_off.array + slot * sizeof(uint32_t)) = slot;
    __atomic_store_n(&tail, tail + 1, __ATOMIC_RELEASE);
    syscall(SYS_io_uring_enter, fd_, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0);
    uint32_t& head = at(completions_, params_.cq_off.head);
    const uint32_t done = head & at(completions_, params_.cq_off.ring_mask);
    const auto* results = reinterpret_cast<const io_uring_cqe*>(static_cast<char*>(completions_) +
                                                                params_.cq_off.cqes);
    const int result = results[done].res;
    __atomic_store_n(&head, head + 1, __ATOMIC_RELEASE);
    return result;
  }

 private:
  void* map(off_t what, size_t size) const {
    return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, what);
  }
  static uint32_t& at(void* ring, size_t offset) {
    return *reinterpret_cast<uint32_t*>(static_cast<char*>(ring) + offset);
  }

  io_uring_params params_{};
  int fd_ = -1;
  void* submissions_ = nullptr;
  void* completions_ = nullptr;
  io_uring_sqe* entries_ = nullptr;
};

}  // namespace weft::kernel::testing
