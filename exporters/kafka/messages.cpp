// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/messages.h"

#include <algorithm>
#include <charconv>

#include "agent/base/bytes.h"
#include "agent/base/frames.h"

namespace weft::kafka {

Sender::Packed MessageEncoder::pack(std::span<const SpanPtr> batch) {
  std::vector<SpanPtr> sorted(batch.begin(), batch.end());
  std::ranges::stable_sort(sorted, {}, [](const SpanPtr& span) { return span->trace; });
  Parcel parcel;
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto end = std::find_if(begin, sorted.end(),
                                  [&](const auto& s) { return s->trace != (*begin)->trace; });
    add({begin, end}, parcel);
    begin = end;
  }
  Sender::Packed packed{.refused = batch.size() - parcel.spans};
  if (packed.refused > 0) {
    packed.message = std::to_string(packed.refused) + " spans are larger than a message may be (" +
                     std::to_string(max_message_) + " bytes, max_message_bytes)";
  }
  if (parcel.spans > 0) packed.parcels.push_back(std::move(parcel));
  return packed;
}

void MessageEncoder::add(std::span<const SpanPtr> trace, Parcel& parcel) {
  const std::string key = trace.front()->trace.hex();
  const std::string payload = encoder_.encode(trace);
  if (key.size() + payload.size() > max_message_) {
    if (trace.size() == 1) return;
    add(trace.first(trace.size() / 2), parcel);
    add(trace.subspan(trace.size() / 2), parcel);
    return;
  }
  append_frame(parcel.bytes, key);
  append_frame(parcel.bytes, payload);
  append_frame(parcel.bytes, std::to_string(trace.size()));
  parcel.spans += trace.size();
}

std::vector<Message> messages_of(const Parcel& parcel) {
  std::vector<Message> messages;
  for (ByteReader reader(parcel.bytes); reader.left() > 0;) {
    Message message{.key = reader.take(reader.le32()), .payload = reader.take(reader.le32())};
    const std::string_view spans = reader.take(reader.le32());
    std::from_chars(spans.data(), spans.data() + spans.size(), message.spans);
    if (!reader.ok()) return {};
    messages.push_back(message);
  }
  return messages;
}

}  // namespace weft::kafka
