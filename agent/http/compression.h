// SPDX-License-Identifier: Apache-2.0
// Compression of request bodies, as Content-Encoding and grpc-encoding name it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/result.h"

namespace weft::http {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

// "gzip", "zstd"; "" and "none" are none. Error kFailure: no libzstd, which is loaded when it
// is first asked for.
Result<Compression> compression_of(std::string_view name);
// "gzip", "zstd"; empty for none.
std::string_view name_of(Compression compression);

// Any thread. The kind is one that compression_of() gave.
std::string compressed(Compression compression, std::string bytes);

}  // namespace weft::http
