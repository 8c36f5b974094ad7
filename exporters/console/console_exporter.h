// SPDX-License-Identifier: Apache-2.0
// Spans for a person at a terminal: one tree per trace, or one JSON object per span.
#pragma once

#include <cstdio>
#include <functional>

#include "agent/port/exporter.h"
#include "exporters/console/trace_buffer.h"
#include "exporters/console/tree.h"

namespace weft::console {

enum class Format : uint8_t { kTree, kJson };

class ConsoleExporter final : public Exporter {
 public:
  using Now = std::function<TraceBuffer::Clock::time_point()>;

  // `out` is flushed after every write and not closed; it must outlive the exporter.
  ConsoleExporter(std::FILE* out, Format format, const Look& look,
                  Now now = TraceBuffer::Clock::now)
      : out_(out), format_(format), look_(look), now_(std::move(now)) {}
  ~ConsoleExporter() override;  // prints the spans still held

  // In tree format, spans count as delivered when they are accepted, up to half a second before
  // they are printed. Refused once the output is gone (a closed pipe, a full disk).
  Delivery deliver(std::span<const SpanPtr> batch, const Deadline& deadline) override;

 private:
  Delivery write(const std::string& text);
  Delivery write_json(std::span<const SpanPtr> batch);
  std::string drawn(const std::vector<HeldTrace>& traces) const;

  std::FILE* const out_;
  const Format format_;
  const Look look_;
  const Now now_;
  TraceBuffer buffer_;
};

}  // namespace weft::console
