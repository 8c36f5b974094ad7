// SPDX-License-Identifier: Apache-2.0
// What a segment is called: X-Ray's service map has one node per name.
#pragma once

#include <string>
#include <string_view>

#include "exporters/xray/fields.h"

namespace weft::xray {

// At most 200 characters, only those X-Ray allows: letters and digits of any script, white
// space and _ . : / % & # = + \ - @; others are left out. "span" when nothing is left.
std::string allowed_name(std::string_view text);

// A service's own work has the service's name: servers, and whatever begins a trace. A call
// to another has that one's, by rank: peer.service, the database's as name@host, the RPC
// service, the HTTP host, the peer's address. All else, the span's name.
std::string segment_name(const Span& span, const Fields& fields);

// Calls of something outside.
inline bool is_remote_call(const Span& span) {
  return span.kind == SpanKind::kClient || span.kind == SpanKind::kProducer;
}

// A segment: a server's, or what begins a trace without calling anything. All else is an
// independent subsegment below its parent.
inline bool is_segment(const Span& span) {
  return span.kind == SpanKind::kServer || (!span.parent.valid() && !is_remote_call(span));
}

// The service's name, as a segment's.
std::string service_name(const Span& span);

}  // namespace weft::xray
