// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/file/entry_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace weft::engine::file {
namespace {

constexpr size_t kMaxText = 128;

struct KnownKey {
  std::string_view key;
  std::string EntryFacts::*field;
};
// If an object has several keys for one field, the first in this list wins.
constexpr KnownKey kKeys[] = {
    {"operation_id", &EntryFacts::id},
    {"entry_id", &EntryFacts::id},
    {"id", &EntryFacts::id},
    {"uuid", &EntryFacts::id},
    {"operation_type", &EntryFacts::type},
    {"operation", &EntryFacts::type},
    {"type", &EntryFacts::type},
    {"op", &EntryFacts::type},
    {"backend", &EntryFacts::backend},
    {"storage_backend", &EntryFacts::backend},
    {"status", &EntryFacts::status},
    {"state", &EntryFacts::status},
    {"error_type", &EntryFacts::error_type},
};

bool printable(std::string_view text) {
  return !text.empty() && text.size() <= kMaxText &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Collects the outermost object's strings. Returning false ends the parse.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  EntryFacts facts;
  bool cut = false;  // the text was truncated inside the object

  bool start_object(std::size_t) override { return deeper(); }
  bool start_array(std::size_t) override { return depth_ > 0 && deeper(); }
  bool end_object() override { return shallower(); }
  bool end_array() override { return shallower(); }
  bool key(string_t& name) override {
    if (depth_ == 1) {
      const auto* found = std::ranges::find(kKeys, std::string_view(name), &KnownKey::key);
      key_ = found == std::end(kKeys) ? nullptr : found;
    }
    return true;
  }
  bool string(string_t& value) override {
    if (depth_ == 1 && key_ && printable(value)) {
      const size_t rank = static_cast<size_t>(key_ - std::begin(kKeys)) + 1;
      size_t& held = ranks_[rank_slot()];
      if (held == 0 || rank < held) {
        held = rank;
        facts.*(key_->field) = value;
      }
    }
    return depth_ > 0;
  }
  bool null() override { return depth_ > 0; }
  bool boolean(bool) override { return depth_ > 0; }
  bool number_integer(number_integer_t) override { return depth_ > 0; }
  bool number_unsigned(number_unsigned_t) override { return depth_ > 0; }
  bool number_float(number_float_t, const string_t&) override { return depth_ > 0; }
  bool binary(binary_t&) override { return false; }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    cut = depth_ > 0 && position > length;
    return false;
  }

  size_t length = 0;  // of the text

 private:
  bool deeper() {
    ++depth_;
    return true;
  }
  bool shallower() {
    --depth_;
    return true;
  }
  size_t rank_slot() const {
    const std::string EntryFacts::*fields[] = {&EntryFacts::id, &EntryFacts::type,
                                               &EntryFacts::backend, &EntryFacts::status,
                                               &EntryFacts::error_type};
    return static_cast<size_t>(std::ranges::find(fields, key_->field) - std::begin(fields));
  }

  int depth_ = 0;
  const KnownKey* key_ = nullptr;
  size_t ranks_[5] = {};
};

bool read_one(std::string_view text, std::vector<EntryFacts>& out) {
  Reader reader;
  reader.length = text.size();
  const bool whole = nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  if ((whole || reader.cut) && !reader.facts.empty()) out.push_back(std::move(reader.facts));
  return whole;
}

}  // namespace

std::vector<EntryFacts> read_entries(std::string_view text) {
  std::vector<EntryFacts> out;
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return out;
  if (read_one(text, out) || text.find('\n') == std::string_view::npos) return out;
  std::vector<EntryFacts> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    if (line.starts_with('{')) read_one(line, lines);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines.size() > out.size() ? lines : out;
}

}  // namespace weft::engine::file
