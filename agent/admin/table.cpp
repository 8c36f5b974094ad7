// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/table.h"

#include <algorithm>
#include <utility>

namespace weft {
namespace {

// Counts characters, not bytes: names may be in any script.
size_t width(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string grouped(uint64_t value) {
  std::string out = std::to_string(value);
  for (size_t i = out.size(); i > 3; i -= 3) out.insert(i - 3, " ");
  return out;
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

Table::Table(std::string_view title, std::string alignment, std::vector<std::string> header)
    : title_(printable(title)), alignment_(std::move(alignment)) {
  rows_.push_back(std::move(header));
}

void Table::row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::widths() const {
  std::vector<size_t> out(alignment_.size());
  for (const auto& cells : rows_) {
    for (size_t i = 0; i < cells.size(); ++i) out[i] = std::max(out[i], width(cells[i]));
  }
  return out;
}

std::string Table::text() const {
  if (rows_.size() < 2) return {};
  const std::vector<size_t> widths = this->widths();
  std::string out = "\n" + title_ + "\n";
  for (const auto& cells : rows_) {
    std::string line = " ";
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string pad(widths[i] - width(cells[i]), ' ');
      line += " " + (alignment_[i] == '>' ? pad + cells[i] : cells[i] + pad) + " ";
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace weft
