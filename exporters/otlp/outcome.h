// SPDX-License-Identifier: Apache-2.0
// What an OTLP server's answer means for the batch: retry, refused, delivered, by the
// protocol specification (opentelemetry-proto docs/specification.md). Pure functions.
#pragma once

#include <cstdint>

#include "agent/port/exporter.h"
#include "exporters/otlp/http_client.h"

namespace weft::otlp {

// now: Unix seconds, for a Retry-After that is a date.
Delivery http_outcome(const HttpResponse& response, int64_t now);

// Reads grpc-status from the trailers, or from the headers of a trailers-only answer.
Delivery grpc_outcome(const HttpResponse& response);

// The value of Retry-After: seconds, or one of HTTP's three date formats. Past dates are 0.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, int64_t now);

// The body of a success: ExportTraceServiceResponse, as protobuf or JSON. Whatever cannot
// be read is no rejection: the server took the batch.
Delivery partial_success(std::string_view body, bool json);

}  // namespace weft::otlp
