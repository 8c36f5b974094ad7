// SPDX-License-Identifier: Apache-2.0
// Spans as the datagrams that the X-Ray daemon reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporters/xray/segment.h"

namespace weft::xray {

// The first line of each datagram.
inline constexpr std::string_view kHeader = "{\"format\":\"json\",\"version\":1}\n";

// The daemon's buffer is 64 KB, and so is X-Ray's limit of a document; a little less than
// what UDP over IPv4 can carry (65507).
inline constexpr size_t kMaxDatagram = 64'000;

// One thread.
class SegmentEncoder {
 public:
  explicit SegmentEncoder(std::vector<std::string> annotations, size_t max_datagram = kMaxDatagram)
      : segments_(std::move(annotations)), max_datagram_(max_datagram) {}

  // Appends the span's datagrams, each as a frame (agent/base/frames.h): one, two for a call
  // that begins a trace, more for a span that is too large. That one is spread: what does
  // not fit the first document, attributes, events, links, goes on in subsegments of it named
  // "attributes continued", whole entries each; long texts are entries there, not fields.
  // False, and nothing appended: an entry alone is larger than a datagram.
  bool append(std::string& out, const Span& span);

 private:
  bool append_spread(std::string& out, const Span& span, const SpanId& parent);

  SegmentWriter segments_;
  const size_t max_datagram_;
};

}  // namespace weft::xray
