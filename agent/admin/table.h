// SPDX-License-Identifier: Apache-2.0
// Text for a person: tables, and what goes into their cells.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

// 1234567 → "1 234 567".
std::string grouped(uint64_t value);
// Names and paths come from other programs: removes terminal control sequences.
std::string printable(std::string_view text);

// Columns are as wide as their widest cell; alignment: one of '<' (left) and '>' (right) per
// column.
class Table {
 public:
  Table(std::string_view title, std::string alignment, std::vector<std::string> header);
  // At most one cell per column; cells are made printable, as is the title.
  void row(std::vector<std::string> cells);
  // A blank line, title, header and rows; empty if there are no rows.
  std::string text() const;

 private:
  std::vector<size_t> widths() const;

  std::string title_;
  std::string alignment_;
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace weft
