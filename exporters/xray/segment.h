// SPDX-License-Identifier: Apache-2.0
// A span as the JSON text of an X-Ray segment document.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/span/span.h"
#include "exporters/otlp/encode/plain_value.h"
#include "exporters/xray/fields.h"
#include "exporters/xray/resource_text.h"

namespace weft::xray {

using otlp::JsonWriter;

// The parts of a document that are lists: their entries may be divided among documents.
enum class Section : uint8_t { kAnnotations, kMetadata, kLinks };

struct Entry {
  Section section;
  size_t end;  // offset in the entries' text; each but the first is preceded by a comma
};

// Writes the documents of one span after another. One thread.
class SegmentWriter {
 public:
  // `annotations`: the attributes that X-Ray should index; those of the resource as
  // "otel.resource.KEY".
  explicit SegmentWriter(std::vector<std::string> annotations)
      : annotations_(std::move(annotations)) {}

  // Writes the whole span. `parent`: the document's parent_id.
  void whole(std::string& out, const Span& span, const SpanId& parent);

  // Writes a service's segment, as the parent of a call that starts a trace.
  void service_segment(std::string& out, const Span& span, const SpanId& id);

  // These write in parts, for a span divided among documents. entries() is called last.
  void head(std::string& out, const Span& span, const SpanId& parent);  // without its "}"
  std::vector<Entry> entries(std::string& out, const Span& span);
  // Writes a subsegment of the span with entries only; without its "}".
  void continuation(std::string& out, const Span& span);

 private:
  void read(const Span& span, bool brief);
  void write_head(JsonWriter& json, const Span& span, const SpanId& parent);
  void find_annotations(const Span& span);

  const std::vector<std::string> annotations_;
  ResourceTexts resources_;
  Fields fields_;
  std::string name_;
  bool brief_ = false;
  std::vector<std::pair<std::string_view, const Value*>> annotated_;
};

}  // namespace weft::xray
