// SPDX-License-Identifier: Apache-2.0
// Spans to the X-Ray daemon, one datagram or a few for each.
#pragma once

#include <string>
#include <vector>

#include "agent/port/exporter.h"
#include "exporters/xray/daemon.h"
#include "exporters/xray/encoder.h"

namespace weft::xray {

class XrayExporter final : public Sender {
 public:
  // `annotations`: as SegmentWriter has them.
  XrayExporter(DaemonAddress address, const std::vector<std::string>& annotations);

  // One parcel: all datagrams of the batch, as frames. Refused: spans with an attribute that
  // no datagram can hold.
  Packed pack(std::span<const SpanPtr> batch) override;
  // kDelivered means sent: UDP has no answers. kRetry: nobody listens; the whole parcel again,
  // which does no harm, as a segment replaces the earlier one of its id.
  Delivery send(const Parcel& parcel, const Deadline& deadline) override;
  std::string_view format() const override { return format_; }

 private:
  SegmentEncoder encoder_;
  Daemon daemon_;
  size_t sent_ = 0;  // datagrams
  const std::string format_;
};

}  // namespace weft::xray
