// SPDX-License-Identifier: Apache-2.0
// The little of gRPC that a unary call needs: frames, statuses, metadata encodings.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weft::otlp {

//  byte 0        1..4            5..
//  compressed?   length, BE      message
std::string grpc_frame(std::string_view message, bool compressed);
// The message of the first frame; nothing: not one complete uncompressed frame.
std::optional<std::string_view> grpc_unframe(std::string_view body);

// At most eight digits and a unit, as the protocol wants it ("10S", "1500m").
std::string grpc_timeout(std::chrono::milliseconds timeout);

std::string percent_decoded(std::string_view text);
// Of a -bin header: padding optional. Nothing: not base64.
std::optional<std::string> base64_decoded(std::string_view text);

// retry_delay of google.rpc.RetryInfo among a google.rpc.Status's details.
std::optional<std::chrono::milliseconds> retry_delay(std::string_view status_details);
// message of a google.rpc.Status; empty when unreadable.
std::string status_message(std::string_view status);

// "UNAVAILABLE" for 14; the number when it has no name.
std::string grpc_status_name(int code);

}  // namespace weft::otlp
