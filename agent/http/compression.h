// SPDX-License-Identifier: Apache-2.0
// Compression of request bodies; the names are those of Content-Encoding and grpc-encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/result.h"

namespace weft::http {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

// "gzip", "zstd"; "" and "none" mean none. Error kFailure: no libzstd, which is loaded on first
// use.
Result<Compression> compression_of(std::string_view name);
// "gzip", "zstd"; empty for none.
std::string_view name_of(Compression compression);

// Any thread. `compression` must come from compression_of().
std::string compressed(Compression compression, std::string bytes);

}  // namespace weft::http
