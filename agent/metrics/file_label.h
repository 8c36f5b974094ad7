// SPDX-License-Identifier: Apache-2.0
// A path as a metric's label: the numbered files of one log share a label.
#pragma once

#include <string>
#include <string_view>

namespace weft::metrics {

// Replaces by '*', in the last component, every number and every word of four or more hexadecimal
// digits, at least one of them decimal. Names ending in "-wal" or "-journal" are kept: those are
// named after a database.
//   …/pg_wal/00000001000000000000002A  →  …/pg_wal/*
//   …/000123.log                       →  …/*.log
//   …/app2.db-wal                      →  …/app2.db-wal
std::string file_label(std::string_view path);

}  // namespace weft::metrics
