// SPDX-License-Identifier: Apache-2.0
// A path as a metric's label: the numbered files of one log share a label.
#pragma once

#include <string>
#include <string_view>

namespace weft::metrics {

// The path with '*' for every number in its last component, and for every word of four and
// more hexadecimal digits there that has a decimal one. Names ending in "-wal" or
// "-journal" stay: those are named after a database.
//   …/pg_wal/00000001000000000000002A  →  …/pg_wal/*
//   …/000123.log                       →  …/*.log
//   …/app2.db-wal                      →  …/app2.db-wal
std::string file_label(std::string_view path);

}  // namespace weft::metrics
