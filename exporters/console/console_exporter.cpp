// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/console_exporter.h"

#include <cerrno>
#include <cstring>

#include "exporters/otlp/encode/json.h"

namespace weft::console {

ConsoleExporter::~ConsoleExporter() {
  write(drawn(buffer_.take_all()));
}

Delivery ConsoleExporter::deliver(std::span<const SpanPtr> batch, const Deadline&) {
  if (format_ == Format::kJson) return write_json(batch);
  const auto now = now_();
  for (const SpanPtr& span : batch) buffer_.add(span, now);
  Delivery delivery = write(drawn(buffer_.take_ready(now)));
  if (const auto next = buffer_.next(); next && delivery.kind == Delivery::Kind::kDelivered) {
    delivery.call_again = std::chrono::ceil<std::chrono::milliseconds>(*next - now);
  }
  return delivery;
}

Delivery ConsoleExporter::write_json(std::span<const SpanPtr> batch) {
  std::string text;
  for (const SpanPtr& span : batch) {
    otlp::append_span_json(text, *span);
    text += '\n';
  }
  return write(text);
}

std::string ConsoleExporter::drawn(const std::vector<HeldTrace>& traces) const {
  std::string text;
  for (const HeldTrace& trace : traces) text += draw(trace.spans, look_, trace.continued);
  return text;
}

Delivery ConsoleExporter::write(const std::string& text) {
  if (text.empty()) return {};
  const bool whole = fwrite(text.data(), 1, text.size(), out_) == text.size();
  if (whole && fflush(out_) == 0) return {};
  const int error = errno;
  clearerr(out_);
  return {.kind = Delivery::Kind::kRefused,
          .message = std::string("cannot write to standard output: ") + std::strerror(error)};
}

}  // namespace weft::console
