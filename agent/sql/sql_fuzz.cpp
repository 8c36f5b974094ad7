// SPDX-License-Identifier: Apache-2.0
// The first byte selects the dialect and a length: that much text, then a known literal, then the
// rest. Wherever that can be a literal, it must not appear in the result.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/base/utf8.h"
#include "agent/sql/sql.h"

namespace weft::sql {
namespace {

constexpr std::string_view kMarker = "Zq7SECRETq7Z";

void require(bool holds) {
  if (!holds) std::abort();
}

bool shows(const Statement& statement) {
  return statement.text.find(kMarker) != std::string::npos ||
         statement.summary.find(kMarker) != std::string::npos;
}

void check(const Statement& statement) {
  require(to_utf8(statement.text) == statement.text);
  require(to_utf8(statement.summary) == statement.summary);
  require(statement.text.size() <= 3 * kMaxText);
  require(statement.summary.size() <= 3 * kMaxSummary);
}

// If shown as a bare word, that place is in no literal, name or comment: a quote there opens a
// literal.
void check_hidden(const std::string& before, std::string_view after, Dialect dialect) {
  const std::string marker(kMarker);
  if (!shows(sanitize(before + marker, dialect))) return;
  for (const std::string& literal : {"'" + marker + "'", "'''" + marker + "'", " 0" + marker}) {
    const Statement whole = sanitize(before + literal + std::string(after), dialect);
    check(whole);
    require(!shows(whole));
    const size_t cut = literal.size() / 2;
    require(sanitize(before + literal.substr(0, cut), dialect).text.find("Zq7S") ==
            std::string::npos);
  }
}

void check_text(std::string_view text, uint8_t choice) {
  const auto dialect = static_cast<Dialect>(choice % 4);
  check(sanitize(text, dialect));
  if (text.find("Zq7") != std::string_view::npos) return;
  const size_t length = text.empty() ? 0 : (choice / 4u) * text.size() / 64;
  check_hidden(std::string(text.substr(0, length)), text.substr(length), dialect);
}

}  // namespace
}  // namespace weft::sql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  weft::sql::check_text({reinterpret_cast<const char*>(data) + 1, size - 1}, data[0]);
  return 0;
}
