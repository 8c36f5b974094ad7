// SPDX-License-Identifier: Apache-2.0
// Compares an exchange as reported after a loss with the same one without the loss: less may be
// known, nothing may differ.
#pragma once

#include <algorithm>
#include <string>
#include <variant>

#include "agent/base/semconv.h"
#include "agent/port/exchange.h"

namespace weft::test {

// On one line, without its times.
inline std::string line(const Outcome& outcome) {
  std::string out = outcome.name + " " + outcome.error_type;
  for (const Attribute& a : outcome.attributes) {
    out += " " + std::string(a.key.text()) + "=";
    if (const auto* text = std::get_if<std::string>(&a.value)) out += *text;
    if (const auto* number = std::get_if<int64_t>(&a.value)) out += std::to_string(*number);
  }
  return out + (outcome.unseen ? " unseen" : "");
}

// A statement whose text was not seen has db.operation.name, which the complete one has not.
inline bool is_true(const Outcome& told, const Outcome& truth) {
  const bool has_text = !told.attributes.text(semconv::kDbQueryText).empty();
  const auto holds = [&](const Attribute& a) {
    const auto* other = truth.attributes.find(a.key);
    return (other && *other == a.value) || (!has_text && a.key == semconv::kDbOperationName);
  };
  return std::all_of(told.attributes.begin(), told.attributes.end(), holds) &&
         (told.unseen || told.error_type == truth.error_type) && told.end_time <= truth.end_time;
}

}  // namespace weft::test
