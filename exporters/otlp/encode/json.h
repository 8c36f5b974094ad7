// SPDX-License-Identifier: Apache-2.0
// OTLP JSON: proto3 JSON, except that ids are hex and enums are numbers. No newline inside.
#pragma once

#include <span>
#include <string>

#include "agent/span/span.h"

namespace weft::otlp {

// Appends one ExportTraceServiceRequest.
void append_request_json(std::string& out, std::span<const SpanPtr> batch);
// Appends one span as an object of its own, its resource as a member "resource".
void append_span_json(std::string& out, const Span& span);

}  // namespace weft::otlp
