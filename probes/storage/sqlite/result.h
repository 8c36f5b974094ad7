// SPDX-License-Identifier: Apache-2.0
// SQLite's result codes (https://www.sqlite.org/rescode.html).
#pragma once

#include <cstdint>
#include <string>

namespace weft::engine::sqlite {

// Neither SQLITE_OK nor SQLITE_ROW nor SQLITE_DONE.
bool is_error(uint32_t code);

// "SQLITE_BUSY"; of an extended code its own name if it is a usual one, else the primary
// code's; what has no name is its number.
std::string result_name(uint32_t code);

}  // namespace weft::engine::sqlite
