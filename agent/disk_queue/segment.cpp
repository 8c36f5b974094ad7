// SPDX-License-Identifier: Apache-2.0
#include "agent/disk_queue/segment.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

namespace weft::disk_queue {
namespace {

constexpr char kMagic[8] = {'W', 'E', 'F', 'T', 'S', 'E', 'G', '1'};

struct Head {
  char magic[8];
  uint64_t spans_before;
  char format[108];
  uint32_t crc;
};
static_assert(sizeof(Head) == 128);

struct RecordHead {
  uint32_t crc;
  uint32_t size;
  uint64_t upto;
  uint64_t time;
  uint32_t spans;
  uint32_t zero;
};
static_assert(sizeof(RecordHead) == 32);

uint32_t crc_of(const void* data, size_t size, uint32_t before = 0) {
  return static_cast<uint32_t>(crc32_z(before, static_cast<const Bytef*>(data), size));
}

uint32_t crc_of(const RecordHead& head, std::string_view bytes) {
  constexpr size_t kAfterCrc = sizeof(head.crc);
  const auto* rest = reinterpret_cast<const char*>(&head) + kAfterCrc;
  return crc_of(bytes.data(), bytes.size(), crc_of(rest, sizeof head - kAfterCrc));
}

// Returns less than `size` only at the end of the file.
size_t read_all(int fd, char* to, size_t size, uint64_t at) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd, to + done, size - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

}  // namespace

Result<std::unique_ptr<Segment>> Segment::create(std::string path, uint64_t spans_before,
                                                 std::string_view format) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return fail(ExitCode::kWriteFailed, path + ": " + std::strerror(errno));
  }
  std::unique_ptr<Segment> segment(new Segment(std::move(path), std::move(fd)));
  segment->format_ = format.substr(0, sizeof(Head::format) - 1);
  segment->spans_before_ = segment->spans_upto_ = spans_before;
  if (Status status = segment->write_head(); !status) {
    segment->remove();
    return std::unexpected(status.error());
  }
  return segment;
}

Result<std::unique_ptr<Segment>> Segment::open(std::string path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid()) return fail(ExitCode::kFailure, path + ": " + std::strerror(errno));
  std::unique_ptr<Segment> segment(new Segment(std::move(path), std::move(fd)));
  if (Status status = segment->read_head(); !status) return std::unexpected(status.error());
  return segment;
}

uint64_t Segment::begin() const {
  return sizeof(Head);
}

Status Segment::write_head() {
  Head head{};
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.spans_before = spans_before_;
  std::memcpy(head.format, format_.data(), format_.size());
  head.crc = crc_of(&head, offsetof(Head, crc));
  const Status status = write_all({reinterpret_cast<const char*>(&head), sizeof head}, 0);
  if (status) size_ = sizeof head;
  return status;
}

Status Segment::read_head() {
  Head head{};
  const size_t n = read_all(fd_.get(), reinterpret_cast<char*>(&head), sizeof head, 0);
  if (n != sizeof head || std::memcmp(head.magic, kMagic, sizeof kMagic) != 0 ||
      head.crc != crc_of(&head, offsetof(Head, crc))) {
    return fail(ExitCode::kFailure, path_ + ": not a segment of a disk queue");
  }
  head.format[sizeof head.format - 1] = '\0';
  format_ = head.format;
  spans_before_ = spans_upto_ = head.spans_before;
  struct stat file {};
  if (fstat(fd_.get(), &file) == 0) size_ = static_cast<uint64_t>(file.st_size);
  return {};
}

void Segment::find_end() {
  uint64_t offset = begin();
  while (const auto stored = read(offset)) spans_upto_ = stored->upto;
  size_ = offset;
}

Status Segment::append(const Parcel& parcel, uint64_t time) {
  RecordHead head{.crc = 0,
                  .size = static_cast<uint32_t>(parcel.bytes.size()),
                  .upto = spans_upto_ + parcel.spans,
                  .time = time,
                  .spans = static_cast<uint32_t>(parcel.spans),
                  .zero = 0};
  head.crc = crc_of(head, parcel.bytes);
  buffer_.assign(reinterpret_cast<const char*>(&head), sizeof head);
  buffer_ += parcel.bytes;
  if (Status status = write_all(buffer_, size_); !status) return status;
  size_ += buffer_.size();
  spans_upto_ = head.upto;
  return {};
}

std::optional<StoredParcel> Segment::read(uint64_t& offset) const {
  RecordHead head{};
  if (offset + sizeof head > size_) return std::nullopt;
  const uint64_t room = size_ - offset - sizeof head;
  if (read_all(fd_.get(), reinterpret_cast<char*>(&head), sizeof head, offset) != sizeof head ||
      head.size > room) {
    return std::nullopt;
  }
  StoredParcel stored{.upto = head.upto, .time = head.time};
  stored.parcel.spans = head.spans;
  stored.parcel.bytes.resize(head.size);
  const size_t n = read_all(fd_.get(), stored.parcel.bytes.data(), head.size, offset + sizeof head);
  if (n != head.size || head.crc != crc_of(head, stored.parcel.bytes)) return std::nullopt;
  offset += sizeof head + head.size;
  return stored;
}

// A later write overwrites what a failed write left.
Status Segment::write_all(std::string_view bytes, uint64_t at) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n =
        pwrite(fd_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n == 0 ? ENOSPC : errno;
      return fail(ExitCode::kWriteFailed, path_ + ": " + std::strerror(error));
    }
    done += static_cast<size_t>(n);
  }
  return {};
}

Status Segment::sync() {
  if (fdatasync(fd_.get()) == 0) return {};
  return fail(ExitCode::kWriteFailed, path_ + ": " + std::strerror(errno));
}

void Segment::remove() const {
  unlink(path_.c_str());
}

}  // namespace weft::disk_queue
