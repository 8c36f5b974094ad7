// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace weft::http {

// The bytes as one gzip member, at level 1: higher levels cost time and save little here.
std::string gzip(std::string_view bytes);

}  // namespace weft::http
