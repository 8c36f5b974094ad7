// SPDX-License-Identifier: Apache-2.0
// SQL text as a span may carry it: literals taken out, and the short form that names it.
// By the OpenTelemetry database conventions ("Sanitization", "Generating query summary").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::sql {

struct Statement {
  std::string text;     // db.query.text: every literal is '?', comments are gone
  std::string summary;  // db.query.summary: "INSERT orders", at most 255 characters; may be empty
};

// Which characters quote an identifier and which a string, and what else differs.
enum class Dialect : uint8_t { kPostgres, kMysql, kSqlite, kGeneric };

// Pure; linear in the length; never fails: text that is no SQL, or is cut anywhere, is
// sanitized as far as it goes, and no byte of a literal, whole or cut, is ever kept.
Statement sanitize(std::string_view text, Dialect dialect);

}  // namespace weft::sql
