// SPDX-License-Identifier: Apache-2.0
// Finds the end of quoted text. Each returns the offset after the closing quote, or npos if the
// text ends first; `from` is the offset after the opening one. Pure; linear.
#pragma once

#include <string_view>

namespace weft::sql {

// A doubled quote stands for one quote.
size_t close_doubled(std::string_view text, size_t from, char quote);

// A doubled quote, and one after a backslash, stand for one quote.
size_t close_escaped(std::string_view text, size_t from, char quote);

// For an engine that may do either: npos also if the two differ.
size_t close_certain(std::string_view text, size_t from, char quote);

// PostgreSQL's $tag$x$tag$; `opening` is "$tag$".
size_t close_dollar(std::string_view text, size_t from, std::string_view opening);

// Oracle's q'[x]'; the first byte at `from` is the delimiter.
size_t close_alternative(std::string_view text, size_t from);

}  // namespace weft::sql
