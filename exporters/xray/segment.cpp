// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/segment.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "exporters/xray/blocks.h"
#include "exporters/xray/ids.h"
#include "exporters/xray/name.h"

namespace weft::xray {
namespace {

constexpr size_t kMaxAnnotation = 1000;  // characters; the limit of X-Ray's index
constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

// Records where entries end, if requested.
class EntryEnds {
 public:
  EntryEnds(const std::string& out, std::vector<Entry>* list) : out_(out), list_(list) {}
  void operator()(Section section) const {
    if (list_) list_->push_back({section, out_.size()});
  }

 private:
  const std::string& out_;
  std::vector<Entry>* list_;
};

// Seconds with nanoseconds: more digits than a double has.
template <size_t N>
void write_time(JsonWriter& json, const char (&key)[N], uint64_t ns) {
  char text[32];
  char* at = std::to_chars(text, std::end(text), ns / 1'000'000'000).ptr;
  auto rest = static_cast<uint32_t>(ns % 1'000'000'000);
  *at = '.';
  for (int i = 9; i > 0; --i, rest /= 10) at[i] = static_cast<char>('0' + rest % 10);
  json.key(key).raw({text, at + 10});
}

void open_document(JsonWriter& json, const Span& span, std::string_view name, const SpanId& id,
                   const SpanId& parent) {
  json.open('{').key("name").text(name).key("id").plain(SpanIdText(id).view());
  json.key("trace_id").plain(TraceIdText(span.trace).view());
  if (parent.valid()) json.key("parent_id").plain(SpanIdText(parent).view());
  write_time(json, "start_time", span.start);
  write_time(json, "end_time", span.end);
}

void write_members(JsonWriter& json, const std::string& members) {
  if (!members.empty()) json.raw(members);
}

// Only letters, digits, "_" and ".".
std::string annotation_key(std::string_view key) {
  std::string out(key);
  std::ranges::replace_if(
      out, [](unsigned char c) { return c >= 128 || (!std::isalnum(c) && c != '_' && c != '.'); },
      '_');
  return out;
}

bool can_be_annotation(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size() <= kMaxAnnotation;
  return !std::holds_alternative<std::vector<std::string>>(value);
}

// The span kind, where X-Ray's document does not show it: it does not distinguish producers from
// clients, nor consumers from local work.
std::string_view kind_to_tell(const Span& span) {
  switch (span.kind) {
    case SpanKind::kProducer:
      return "producer";
    case SpanKind::kConsumer:
      return "consumer";
    case SpanKind::kServer:
    case SpanKind::kClient:
    case SpanKind::kInternal:
      break;
  }
  return {};
}

void write_attributes(JsonWriter& json, const Attributes& attributes) {
  json.key("attributes").open('{');
  for (const Attribute& attribute : attributes) {
    json.key(attribute.key.text());
    write_value(json, attribute.value);
  }
  json.close('}');
}

void write_own(JsonWriter& json, const Span& span, std::string_view name, bool brief,
               const EntryEnds& ends) {
  const auto text = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    json.key(key).text(value);
    ends(Section::kMetadata);
  };
  const auto count = [&](std::string_view key, uint32_t value) {
    if (value != 0) text(key, std::to_string(value));
  };
  if (span.name != name) text("otel.span.name", span.name);
  text("otel.span.kind", kind_to_tell(span));
  text("otel.trace_state", span.trace_state);
  if (!status_message_in_cause(span, brief)) text("otel.status_description", span.status_message);
  count("otel.dropped_attributes_count", span.dropped_attributes);
  count("otel.dropped_events_count", span.dropped_events);
  count("otel.dropped_links_count", span.dropped_links);
}

void write_events(JsonWriter& json, const Span& span, bool brief, const EntryEnds& ends) {
  for (size_t i = 0; i < span.events.size(); ++i) {
    const SpanEvent& event = span.events[i];
    if (in_cause(event, brief)) continue;
    json.key("otel.event." + std::to_string(i)).open('{').key("name").text(event.name);
    write_time(json, "time", event.time);
    if (!event.attributes.empty()) write_attributes(json, event.attributes);
    json.close('}');
    ends(Section::kMetadata);
  }
}

void write_links(JsonWriter& json, const Span& span, const EntryEnds& ends) {
  for (const SpanLink& link : span.links) {
    json.open('{').key("trace_id").plain(TraceIdText(link.trace).view());
    json.key("id").plain(SpanIdText(link.span).view());
    if (!link.attributes.empty()) write_attributes(json, link.attributes);
    json.close('}');
    ends(Section::kLinks);
  }
}

void write_span_attributes(JsonWriter& json, const Span& span, const Fields& fields,
                           const EntryEnds& ends) {
  size_t index = 0;
  for (const Attribute& attribute : span.attributes) {
    if (fields.is_told(index++)) continue;
    json.key(attribute.key.text());
    write_value(json, attribute.value);
    ends(Section::kMetadata);
  }
}

void write_resource_entries(JsonWriter& json, const Resource& resource, const EntryEnds& ends) {
  for (const Attribute& attribute : resource.attributes) {
    json.key(std::string(kResourcePrefix).append(attribute.key.text()));
    write_value(json, attribute.value);
    ends(Section::kMetadata);
  }
}

// Below a segment of the same service, the resource need not be repeated.
bool tells_resource(const Span& span) {
  return is_segment(span) || span.parent_is_remote;
}

using Annotated = std::vector<std::pair<std::string_view, const Value*>>;

void write_annotations(JsonWriter& json, const Annotated& annotated, const EntryEnds& ends) {
  for (const auto& [key, value] : annotated) {
    json.key(annotation_key(key));
    write_value(json, *value);
    ends(Section::kAnnotations);
  }
}

}  // namespace

void SegmentWriter::read(const Span& span, bool brief) {
  fields_.read(span.attributes, brief ? kBriefText : kNoLimit);
  name_ = segment_name(span, fields_);
  brief_ = brief;
}

// Annotations may repeat fields of the document, which X-Ray does not index; the metadata repeats
// neither.
void SegmentWriter::find_annotations(const Span& span) {
  annotated_.clear();
  for (const std::string& key : annotations_) {
    const bool is_resource = key.starts_with(kResourcePrefix);
    const auto& attributes = is_resource ? span.resource->attributes : span.attributes;
    const std::string_view plain =
        std::string_view(key).substr(is_resource ? kResourcePrefix.size() : 0);
    const auto it =
        std::ranges::find_if(attributes, [&](const Attribute& a) { return a.key.text() == plain; });
    if (it == attributes.end() || !can_be_annotation(it->value)) continue;
    annotated_.emplace_back(key, &it->value);
    if (!is_resource) fields_.tell(static_cast<size_t>(it - attributes.begin()));
  }
}

void SegmentWriter::write_head(JsonWriter& json, const Span& span, const SpanId& parent) {
  open_document(json, span, name_, span.id, parent);
  const ResourceText& resource = resources_.of(span.resource);
  if (!is_segment(span)) json.key("type").text("subsegment");
  if (is_remote_call(span)) json.key("namespace").text(is_aws_call(fields_) ? "aws" : "remote");
  if (is_segment(span)) write_members(json, resource.segment);
  write_faults(json, span, fields_);
  write_http(json, span, fields_);
  write_sql(json, fields_);
  json.key("aws").open('{').raw(resource.aws);
  write_aws_call(json, fields_);
  json.close('}');
  if (const auto user = fields_.text(Field::kUser); is_segment(span) && !user.empty()) {
    json.key("user").text(user);
    fields_.tell(Field::kUser);
  }
  write_cause(json, span, fields_, brief_);
}

void SegmentWriter::whole(std::string& out, const Span& span, const SpanId& parent) {
  const EntryEnds ends(out, nullptr);
  JsonWriter json(out);
  read(span, false);
  write_head(json, span, parent);
  if (find_annotations(span); !annotated_.empty()) {
    json.key("annotations").open('{');
    write_annotations(json, annotated_, ends);
    json.close('}');
  }
  json.key("metadata").open('{').key("default").open('{');
  write_own(json, span, name_, false, ends);
  write_span_attributes(json, span, fields_, ends);
  write_events(json, span, false, ends);
  if (tells_resource(span)) write_members(json, resources_.of(span.resource).metadata);
  json.close('}').close('}');
  if (!span.links.empty()) {
    json.key("links").open('[');
    write_links(json, span, ends);
    json.close(']');
  }
  json.close('}');
}

void SegmentWriter::service_segment(std::string& out, const Span& span, const SpanId& id) {
  const ResourceText& resource = resources_.of(span.resource);
  JsonWriter json(out);
  open_document(json, span, service_name(span), id, {});
  write_members(json, resource.segment);
  fields_.read(span.attributes, kBriefText);
  write_faults(json, span, fields_);
  json.key("aws").open('{').raw(resource.aws).close('}');
  json.key("metadata").open('{').key("default").open('{');
  write_members(json, resource.metadata);
  json.close('}').close('}').close('}');
}

void SegmentWriter::head(std::string& out, const Span& span, const SpanId& parent) {
  JsonWriter json(out);
  read(span, true);
  write_head(json, span, parent);
}

std::vector<Entry> SegmentWriter::entries(std::string& out, const Span& span) {
  std::vector<Entry> list;
  const EntryEnds ends(out, &list);
  JsonWriter json(out);
  find_annotations(span);
  write_annotations(json, annotated_, ends);
  write_own(json, span, name_, true, ends);
  write_span_attributes(json, span, fields_, ends);
  write_events(json, span, true, ends);
  if (tells_resource(span)) write_resource_entries(json, *span.resource, ends);
  write_links(json, span, ends);
  return list;
}

void SegmentWriter::continuation(std::string& out, const Span& span) {
  JsonWriter json(out);
  open_document(json, span, "attributes continued", SpanId::random(), span.id);
  json.key("type").text("subsegment");
}

}  // namespace weft::xray
