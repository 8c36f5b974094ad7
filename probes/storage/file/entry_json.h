// SPDX-License-Identifier: Apache-2.0
// What a log entry written as JSON says about itself. Reads only the listed keys of the outermost
// object, and only short printable strings: nothing else of an entry is exported.
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

// Reads one object, or one object per line, in order. A truncated text gives what precedes the
// truncation; text that is not JSON gives nothing. Bounded by the text's length.
std::vector<EntryFacts> read_entries(std::string_view text);

}  // namespace weft::engine::file
