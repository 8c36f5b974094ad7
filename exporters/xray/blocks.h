// SPDX-License-Identifier: Apache-2.0
// The parts of a segment document for which X-Ray has its own fields. Each function writes its
// members, or nothing, and marks in `fields` what they show.
#pragma once

#include "exporters/otlp/encode/plain_value.h"
#include "exporters/xray/fields.h"

namespace weft::xray {

using otlp::JsonWriter;

// "http": the request and the response.
void write_http(JsonWriter& json, const Span& span, Fields& fields);

// "sql", for databases that speak it.
void write_sql(JsonWriter& json, Fields& fields);

// Members of "aws" for a call of an AWS service.
void write_aws_call(JsonWriter& json, Fields& fields);
bool is_aws_call(const Fields& fields);

// "error" (HTTP 4xx), "throttle" (429), "fault" (5xx, or an error without such a code).
void write_faults(JsonWriter& json, const Span& span, const Fields& fields);

// "cause": the span's error, from its status and error.type, and the events that are exceptions.
// `brief`: without those events, and without a long status message.
void write_cause(JsonWriter& json, const Span& span, Fields& fields, bool brief);

// Whether "cause" shows this part of the span completely.
bool in_cause(const SpanEvent& event, bool brief);
bool status_message_in_cause(const Span& span, bool brief);

}  // namespace weft::xray
