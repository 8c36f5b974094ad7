// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/field.h"

#include <cstddef>

namespace weft::http_semantics {

bool same_letters(std::string_view name, std::string_view lower) {
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c) != lower[i]) return false;
  }
  return true;
}

}  // namespace weft::http_semantics
