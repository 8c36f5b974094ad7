// SPDX-License-Identifier: Apache-2.0
// The parts of gRPC that a unary call needs: frames, statuses, metadata encodings.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weft::otlp {

//  byte 0        1..4            5..
//  compressed?   length, BE      message
std::string grpc_frame(std::string_view message, bool compressed);
// The message of the first frame; none: not one complete uncompressed frame.
std::optional<std::string_view> grpc_unframe(std::string_view body);

// At most eight digits and a unit, as the protocol requires ("10S", "1500m").
std::string grpc_timeout(std::chrono::milliseconds timeout);

std::string percent_decoded(std::string_view text);
// Decodes a -bin header; padding is optional. None: not base64.
std::optional<std::string> base64_decoded(std::string_view text);

// The retry_delay of a google.rpc.RetryInfo among a google.rpc.Status's details.
std::optional<std::chrono::milliseconds> retry_delay(std::string_view status_details);
// The message of a google.rpc.Status; empty if unreadable.
std::string status_message(std::string_view status);

// "UNAVAILABLE" for 14; the number if it has no name.
std::string grpc_status_name(int code);

}  // namespace weft::otlp
