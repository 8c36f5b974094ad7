// SPDX-License-Identifier: Apache-2.0
// Sends spans to the X-Ray daemon, one or a few datagrams per span.
#pragma once

#include <string>
#include <vector>

#include "agent/port/exporter.h"
#include "exporters/xray/daemon.h"
#include "exporters/xray/encoder.h"

namespace weft::xray {

class XrayExporter final : public Sender {
 public:
  // `annotations`: see SegmentWriter.
  XrayExporter(DaemonAddress address, const std::vector<std::string>& annotations);

  // One parcel: all datagrams of the batch, as frames. Refused: spans with an attribute that fits
  // in no datagram.
  Packed pack(std::span<const SpanPtr> batch) override;
  // kDelivered means sent: UDP has no acknowledgement. kRetry: nothing listens; the whole parcel is
  // sent again, which is harmless, because a segment replaces an earlier one with the same id.
  Delivery send(const Parcel& parcel, const Deadline& deadline) override;
  std::string_view format() const override { return format_; }

 private:
  SegmentEncoder encoder_;
  Daemon daemon_;
  size_t sent_ = 0;  // datagrams
  const std::string format_;
};

}  // namespace weft::xray
