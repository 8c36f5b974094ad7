// SPDX-License-Identifier: Apache-2.0
// Text that is certainly valid UTF-8; copied only if it was not plain ASCII.
#pragma once

#include <string>
#include <string_view>

#include "agent/base/utf8.h"

namespace weft::otlp {

class Utf8 {
 public:
  explicit Utf8(std::string_view bytes) : view_(bytes) {
    if (is_ascii(bytes)) return;
    repaired_ = to_utf8(bytes);
    view_ = repaired_;
  }
  Utf8(const Utf8&) = delete;
  Utf8& operator=(const Utf8&) = delete;

  std::string_view view() const { return view_; }

 private:
  std::string repaired_;
  std::string_view view_;
};

}  // namespace weft::otlp
