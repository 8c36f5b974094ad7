// SPDX-License-Identifier: Apache-2.0
// What a log entry written as JSON says of itself. Only the listed keys of the outermost
// object are read, and only short printable texts: nothing else of an entry leaves here.
//
//   id       operation_id  entry_id  id  uuid
//   type     operation_type  operation  type  op
//   backend  backend  storage_backend
//   status   status  state
//   error    error_type
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::engine::file {

struct EntryFacts {
  std::string id;
  std::string type;
  std::string backend;
  std::string status;
  std::string error_type;

  bool empty() const { return id.empty() && type.empty() && status.empty(); }
};

// One object, or one a line; in order. A text that was cut says what stands before the cut.
// Text that is no JSON says nothing. Bounded by the text's length.
std::vector<EntryFacts> read_entries(std::string_view text);

}  // namespace weft::engine::file
