// SPDX-License-Identifier: Apache-2.0
// One file of a disk queue: a header, then records to its end. A record that is torn (the
// machine stopped within a write) or damaged ends what can be read of the file.
//
//   header  8 magic  8 spans before  108 format, NUL-padded  4 crc of these
//   record  4 crc of the rest  4 size  8 spans up to its end  8 Unix ns  4 spans  4 zero  bytes
//
// Numbers are little-endian. "Spans up to" counts all spans ever put into the queue, so
// that two records show how many spans are missing between them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/fd.h"
#include "agent/base/result.h"
#include "agent/port/exporter.h"

namespace weft::disk_queue {

struct StoredParcel {
  Parcel parcel{};
  uint64_t upto = 0;  // spans ever put into the queue, this parcel's included
  uint64_t time = 0;  // Unix ns, when it was stored
};

// One thread at a time.
class Segment {
 public:
  // Creates the file, which must not exist. Error kWriteFailed.
  static Result<std::unique_ptr<Segment>> create(std::string path, uint64_t spans_before,
                                                 std::string_view format);
  // For reading; before appending, call find_end(). Error kFailure: not a segment.
  static Result<std::unique_ptr<Segment>> open(std::string path);
  // Reads all records, so that the next one is appended after the last whole one.
  void find_end();

  // Error kWriteFailed: nothing was added (no space left, or an I/O error).
  Status append(const Parcel& parcel, uint64_t time);
  // Reads the record at `offset` and advances `offset` past it. None: the end of what is readable.
  std::optional<StoredParcel> read(uint64_t& offset) const;
  Status sync();
  void remove() const;  // deletes the file; it stays readable while open

  const std::string& path() const { return path_; }
  std::string_view format() const { return format_; }
  uint64_t begin() const;                  // offset of the first record
  uint64_t size() const { return size_; }  // bytes
  uint64_t spans_before() const { return spans_before_; }
  uint64_t spans_upto() const { return spans_upto_; }  // of the last record; after find_end()

 private:
  Segment(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Status write_head();
  Status read_head();
  Status write_all(std::string_view bytes, uint64_t at);

  std::string path_;
  Fd fd_;
  std::string format_;
  uint64_t size_ = 0;
  uint64_t spans_before_ = 0;
  uint64_t spans_upto_ = 0;
  std::string buffer_;  // kept for its memory
};

}  // namespace weft::disk_queue
