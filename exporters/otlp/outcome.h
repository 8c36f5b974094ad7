// SPDX-License-Identifier: Apache-2.0
// What an OTLP server's answer means for the batch (retry, refused, delivered), by the protocol
// specification (opentelemetry-proto docs/specification.md). Pure functions.
#pragma once

#include <cstdint>

#include "agent/http/answer.h"
#include "agent/port/exporter.h"

namespace weft::otlp {

// now: Unix seconds, for a Retry-After that is a date. expects: HttpOptions::expects.
Delivery http_outcome(const http::HttpResponse& response, int64_t now, std::string_view expects);

// Reads grpc-status from the trailers, or from the headers of a trailers-only answer.
Delivery grpc_outcome(const http::HttpResponse& response, std::string_view expects);

// Reads the body of a success: ExportTraceServiceResponse, as protobuf or JSON. An unreadable body
// is no rejection: the server accepted the batch.
Delivery partial_success(std::string_view body, bool json);

}  // namespace weft::otlp
