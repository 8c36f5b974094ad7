// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/xray_exporter.h"

#include <algorithm>
#include <thread>

#include "agent/base/bytes.h"

namespace weft::xray {
namespace {

using Kind = Delivery::Kind;

// The daemon's socket buffer holds about ninety datagrams by default, and silently drops more. This
// pause gives it time to read: at most 8000 datagrams a second, over three times what X-Ray accepts
// per account by default, so the daemon may be off the CPU for 10 ms.
constexpr size_t kBurst = 8;
constexpr std::chrono::milliseconds kPause{1};

constexpr size_t kTypicalSpan = 1024;

std::string format_of(const std::vector<std::string>& annotations) {
  std::string format = "xray datagrams";
  for (const std::string& key : annotations) format.append(" ").append(key);
  return format;
}

Delivery retry(const Status& status) {
  return {.kind = Kind::kRetry, .message = status.error().message};
}

}  // namespace

XrayExporter::XrayExporter(DaemonAddress address, const std::vector<std::string>& annotations)
    : encoder_(annotations), daemon_(std::move(address)), format_(format_of(annotations)) {}

Sender::Packed XrayExporter::pack(std::span<const SpanPtr> batch) {
  Packed packed;
  Parcel parcel;
  parcel.bytes.reserve(batch.size() * kTypicalSpan);
  for (const SpanPtr& span : batch) {
    ++(encoder_.append(parcel.bytes, *span) ? parcel.spans : packed.refused);
  }
  if (packed.refused > 0) {
    packed.message = std::to_string(packed.refused) +
                     " spans have an attribute larger than a datagram (" +
                     std::to_string(kMaxDatagram) + " bytes)";
  }
  if (parcel.spans > 0) packed.parcels.push_back(std::move(parcel));
  return packed;
}

Delivery XrayExporter::send(const Parcel& parcel, const Deadline& deadline) {
  ByteReader reader(parcel.bytes);
  while (reader.left() > 0) {
    const std::string_view datagram = reader.take(reader.le32());
    if (!reader.ok()) return {.kind = Kind::kRefused, .message = "malformed parcel"};
    if (const Status status = daemon_.send(datagram); !status) return retry(status);
    if (deadline.passed()) return {.kind = Kind::kRetry, .message = "X-Ray: no time left"};
    if (++sent_ % kBurst == 0) std::this_thread::sleep_for(kPause);
  }
  if (const Status status = daemon_.check(); !status) return retry(status);
  return {};
}

}  // namespace weft::xray
