// SPDX-License-Identifier: Apache-2.0
// Any bytes as a segment's file: readable records are read, and a record can be appended.
#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/disk_queue/segment.h"

namespace {

using weft::disk_queue::Segment;

void read_all(const Segment& segment) {
  uint64_t offset = segment.begin();
  while (segment.read(offset)) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const weft::Fd file(memfd_create("segment", MFD_CLOEXEC));
  if (write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  auto segment = Segment::open("/proc/self/fd/" + std::to_string(file.get()));
  if (!segment) return 0;
  read_all(**segment);
  (*segment)->find_end();
  if (!(*segment)->append({.bytes = "added", .spans = 1}, 1)) abort();
  read_all(**segment);
  return 0;
}
