// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/encoder.h"

#include <span>

#include "agent/base/frames.h"
#include "exporters/xray/name.h"

namespace weft::xray {
namespace {

constexpr size_t kBrackets = 80;  // more than the brackets of all sections and the document

struct Piece {
  Section section;
  std::string_view text;
};

std::vector<Piece> pieces_of(std::string_view text, const std::vector<Entry>& entries) {
  std::vector<Piece> pieces;
  size_t begin = 0;
  for (const Entry& entry : entries) {
    std::string_view piece = text.substr(begin, entry.end - begin);
    if (piece.starts_with(',')) piece.remove_prefix(1);
    pieces.push_back({entry.section, piece});
    begin = entry.end;
  }
  return pieces;
}

// How many of the first pieces fit into `room` bytes.
size_t fitting(std::span<const Piece> pieces, size_t room) {
  size_t count = 0;
  for (size_t used = 0; count < pieces.size(); ++count) {
    used += pieces[count].text.size() + 1;
    if (used > room) break;
  }
  return count;
}

void append_section(std::string& out, std::span<const Piece> pieces, Section section,
                    std::string_view open, std::string_view close) {
  bool first = true;
  for (const Piece& piece : pieces) {
    if (piece.section != section) continue;
    out.append(first ? open : ",").append(piece.text);
    first = false;
  }
  if (!first) out += close;
}

void append_document(std::string& out, std::string_view head, std::span<const Piece> pieces) {
  const size_t frame = open_frame(out);
  out.append(kHeader).append(head);
  append_section(out, pieces, Section::kAnnotations, ",\"annotations\":{", "}");
  append_section(out, pieces, Section::kMetadata, ",\"metadata\":{\"default\":{", "}}");
  append_section(out, pieces, Section::kLinks, ",\"links\":[", "]");
  out += '}';
  close_frame(out, frame);
}

}  // namespace

bool SegmentEncoder::append(std::string& out, const Span& span) {
  const size_t before = out.size();
  SpanId parent = span.parent;
  if (is_remote_call(span) && !parent.valid()) {
    parent = SpanId::random();
    const size_t frame = open_frame(out);
    segments_.service_segment(out += kHeader, span, parent);
    close_frame(out, frame);
  }
  const size_t frame = open_frame(out);
  segments_.whole(out += kHeader, span, parent);
  close_frame(out, frame);
  if (out.size() - frame <= max_datagram_) return true;
  out.resize(frame - 4);
  if (append_spread(out, span, parent)) return true;
  out.resize(before);
  return false;
}

bool SegmentEncoder::append_spread(std::string& out, const Span& span, const SpanId& parent) {
  std::string head;
  std::string text;
  segments_.head(head, span, parent);
  const auto entries = segments_.entries(text, span);
  const auto pieces = pieces_of(text, entries);
  std::span<const Piece> rest = pieces;
  for (bool is_first = true;; is_first = false) {
    const size_t used = kHeader.size() + head.size() + kBrackets;
    if (used > max_datagram_) return false;
    const size_t count = fitting(rest, max_datagram_ - used);
    if (count == 0 && !is_first) return false;
    append_document(out, head, rest.first(count));
    rest = rest.subspan(count);
    if (rest.empty()) return true;
    head.clear();
    segments_.continuation(head, span);
  }
}

}  // namespace weft::xray
