// SPDX-License-Identifier: Apache-2.0
// The name of a segment: X-Ray's service map has one node per name.
#pragma once

#include <string>
#include <string_view>

#include "exporters/xray/fields.h"

namespace weft::xray {

// At most 200 characters, only those that X-Ray allows: letters and digits of any script, white
// space and _ . : / % & # = + \ - @; others are left out. "span" if nothing is left.
std::string allowed_name(std::string_view text);

// Servers, and spans that start a trace, have the service's name. A call to another service is
// named after it, by the first of: peer.service, the database as name@host, the RPC service, the
// HTTP host, the peer's address. All others have the span's name.
std::string segment_name(const Span& span, const Fields& fields);

// Calls to another service.
inline bool is_remote_call(const Span& span) {
  return span.kind == SpanKind::kClient || span.kind == SpanKind::kProducer;
}

// True for a segment: a server's span, or one that starts a trace without calling another service.
// All others are independent subsegments of their parent.
inline bool is_segment(const Span& span) {
  return span.kind == SpanKind::kServer || (!span.parent.valid() && !is_remote_call(span));
}

// The service's name, as a segment name.
std::string service_name(const Span& span);

}  // namespace weft::xray
