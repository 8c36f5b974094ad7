// SPDX-License-Identifier: Apache-2.0
// Where something quoted ends. Each returns the offset past its close, or npos when the text
// ends first; `from` is the offset past its opening. Pure; linear.
#pragma once

#include <string_view>

namespace weft::sql {

// A doubled quote stands for itself.
size_t close_doubled(std::string_view text, size_t from, char quote);

// So does one after a backslash.
size_t close_escaped(std::string_view text, size_t from, char quote);

// For an engine that may do either: npos also where the two differ.
size_t close_certain(std::string_view text, size_t from, char quote);

// PostgreSQL's $tag$x$tag$; `opening` is "$tag$".
size_t close_dollar(std::string_view text, size_t from, std::string_view opening);

// Oracle's q'[x]'; the first byte at `from` is the delimiter.
size_t close_alternative(std::string_view text, size_t from);

}  // namespace weft::sql
