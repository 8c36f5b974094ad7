// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/byte_stream.h"

#include <algorithm>
#include <utility>

namespace weft {

ByteStream::Piece ByteStream::place(uint64_t pos, uint64_t len, std::string_view captured) {
  Piece piece;
  start(pos);
  const uint64_t stop = pos + len;
  if (stop <= end_) return piece;
  if (pos > end_) {
    piece.gap_before = pos - end_;
  } else {
    const uint64_t known = end_ - pos;
    captured.remove_prefix(std::min<uint64_t>(known, captured.size()));
    len -= known;
  }
  piece.bytes = captured;
  piece.gap_after = len - captured.size();
  end_ = stop;
  return piece;
}

void ByteStream::start(uint64_t pos) {
  if (std::exchange(started_, true)) return;
  end_ = pos;
  held_pos_ = pos;
}

void ByteStream::append(std::string_view bytes, const Stamp& stamp) {
  marks_.push_back({held_pos_ + held_.size(), stamp});
  held_.append(bytes);
}

void ByteStream::skip(uint64_t n) {
  held_pos_ += n;
}

void ByteStream::consume(size_t n) {
  n = std::min(n, held_.size());
  held_.erase(0, n);
  held_pos_ += n;
  if (held_.empty()) {
    marks_.clear();
    return;
  }
  // Keep the last mark that begins at or before the first byte held.
  size_t first = 0;
  while (first + 1 < marks_.size() && marks_[first + 1].pos <= held_pos_) ++first;
  marks_.erase(marks_.begin(), marks_.begin() + static_cast<ptrdiff_t>(first));
}

void ByteStream::drop_held() {
  consume(held_.size());
}

}  // namespace weft
