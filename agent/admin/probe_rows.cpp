// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/probe_rows.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <span>
#include <tuple>

#include "agent/admin/table.h"

namespace weft {
namespace {

using Row = StatusReport::ProbeRow;

std::string calls(const Row& row) {
  if (const uint64_t hits = row.hits.value_or(0); hits > 0) return grouped(hits);
  if (!row.probed) return {};
  std::string out = row.hits ? "none yet" : "";
  if (row.hits && row.has_flushes && row.inferred > 0) {
    out = "not called: " + grouped(row.inferred) +
          (row.inferred == 1 ? " flush was" : " flushes were") + " inferred from file I/O";
  }
  if (row.direct_calls > 0) return out;
  return out + (out.empty() ? "" : "; ") + "nothing in this file calls it directly";
}

std::string block(std::span<const Row> rows) {
  const bool inferred =
      rows.front().kind == "engine" &&
      std::ranges::none_of(rows, [](const Row& r) { return r.probed && r.has_flushes; });
  std::string title = rows.front().kind;
  title[0] = static_cast<char>(std::toupper(title[0]));
  Table table(title + " " + rows.front().target + ", " + rows.front().binary +
                  (inferred ? ": inferred from file I/O only" : ""),
              "<<<", {"probe", "found", "calls"});
  for (const Row& row : rows) table.row({row.probe, row.how, calls(row)});
  return table.text();
}

// Another copy of the binary starts with the same probe again.
bool same_binary(const Row& first, const Row& row) {
  return std::tie(first.target, first.binary) == std::tie(row.target, row.binary) &&
         first.probe != row.probe;
}

}  // namespace

nlohmann::json probe_json(const Row& row) {
  nlohmann::json out = {{"kind", row.kind},
                        {"target", row.target},
                        {"binary", row.binary},
                        {"probe", row.probe},
                        {"how", row.how},
                        {"probed", row.probed},
                        {"has_flushes", row.has_flushes},
                        {"direct_calls", row.direct_calls},
                        {"inferred", row.inferred}};
  if (row.hits) out["hits"] = *row.hits;
  return out;
}

Row probe_from_json(const nlohmann::json& json) {
  Row out{.kind = json.value("kind", ""),
          .target = json.value("target", ""),
          .binary = json.value("binary", ""),
          .probe = json.value("probe", ""),
          .how = json.value("how", ""),
          .probed = json.value("probed", false),
          .has_flushes = json.value("has_flushes", false),
          .hits = {},
          .direct_calls = json.value("direct_calls", uint64_t{0}),
          .inferred = json.value("inferred", uint64_t{0})};
  if (json.contains("hits")) out.hits = json.at("hits").get<uint64_t>();
  return out;
}

std::string probes_text(const std::vector<Row>& probes) {
  std::string out;
  for (auto first = probes.begin(); first != probes.end();) {
    const auto end = std::find_if(first + 1, probes.end(),
                                  [&](const Row& row) { return !same_binary(*first, row); });
    out += block({first, end});
    first = end;
  }
  return out;
}

void take_hits(const std::vector<Row>& counted, std::vector<Row>& probes) {
  for (Row& row : probes) {
    const auto same = [&](const Row& r) {
      return std::tie(r.target, r.binary, r.probe) == std::tie(row.target, row.binary, row.probe);
    };
    if (std::ranges::count_if(counted, same) != 1) continue;
    const Row& from = *std::ranges::find_if(counted, same);
    row.hits = from.hits;
    row.inferred = from.inferred;
  }
}

}  // namespace weft
