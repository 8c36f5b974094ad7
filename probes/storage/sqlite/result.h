// SPDX-License-Identifier: Apache-2.0
// SQLite's result codes (https://www.sqlite.org/rescode.html).
#pragma once

#include <cstdint>
#include <string>

namespace weft::engine::sqlite {

// True unless the code is SQLITE_OK, SQLITE_ROW or SQLITE_DONE.
bool is_error(uint32_t code);

// "SQLITE_BUSY". An extended code has its own name if it is a common one, else its primary code's;
// a code without a name is given as a number.
std::string result_name(uint32_t code);

}  // namespace weft::engine::sqlite
