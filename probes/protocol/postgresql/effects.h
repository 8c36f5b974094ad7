// SPDX-License-Identifier: Apache-2.0
// The effects of executing a text on the names of prepared statements and portals, which SQL
// shares with the protocol's messages: PREPARE, DEALLOCATE, DISCARD, DECLARE, CLOSE, DO.
//
// A called function or procedure can prepare and deallocate as well, and its text is not seen:
// only the command tag of the next execution shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/sql/sql.h"

namespace weft::protocol::postgresql {

// As the server keys them: the first NAMEDATALEN - 1 bytes count.
inline constexpr size_t kNameLength = 63;

struct Effects {
  std::vector<std::string> statements;  // prepared statements whose meaning ends
  std::vector<std::string> portals;     // … and portals
  bool all_statements = false;
  bool all_portals = false;
  bool unseen = false;  // it has a part that cannot be read: the command tags will show

  bool none() const {
    return !all_statements && !all_portals && statements.empty() && portals.empty();
  }
};

// Of all statements in the text. Pure; linear.
Effects effects_of(std::string_view text, sql::Backslash backslash);

// The first word of the text's first statement, in capitals; "(" for a parenthesis; empty if
// there is none, or it is too long to be a command.
std::string command_of(std::string_view text, sql::Backslash backslash);

// May a statement that begins with `command` get this command tag? True if either is unknown.
bool tag_fits(std::string_view command, std::string_view tag);

// Is this the tag of a command that may change prepared statements (see effects_of())?
bool tag_changes_statements(std::string_view tag);

}  // namespace weft::protocol::postgresql
