// SPDX-License-Identifier: Apache-2.0
// Encodes spans as datagrams for the X-Ray daemon.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporters/xray/segment.h"

namespace weft::xray {

// The first line of each datagram.
inline constexpr std::string_view kHeader = "{\"format\":\"json\",\"version\":1}\n";

// The daemon's buffer and X-Ray's limit for a document are 64 KB; this is a little less than UDP
// over IPv4 can carry (65507).
inline constexpr size_t kMaxDatagram = 64'000;

// One thread.
class SegmentEncoder {
 public:
  explicit SegmentEncoder(std::vector<std::string> annotations, size_t max_datagram = kMaxDatagram)
      : segments_(std::move(annotations)), max_datagram_(max_datagram) {}

  // Appends the span's datagrams, each as a frame (agent/base/frames.h): one; two for a call that
  // starts a trace; more for a span that is too large. Of that one, the attributes, events and
  // links that do not fit into the first document continue in subsegments named "attributes
  // continued", as whole entries; long texts are entries there, not fields. False: an entry alone
  // is larger than a datagram; nothing is appended.
  bool append(std::string& out, const Span& span);

 private:
  bool append_spread(std::string& out, const Span& span, const SpanId& parent);

  SegmentWriter segments_;
  const size_t max_datagram_;
};

}  // namespace weft::xray
