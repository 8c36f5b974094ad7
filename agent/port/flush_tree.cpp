// SPDX-License-Identifier: Apache-2.0
#include "agent/port/flush_tree.h"

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"

namespace weft {

void describe_flush(std::string_view system, const IoSummary& summary, bool durable,
                    SpanTree& tree) {
  tree.name = "wal.flush";
  Attributes& out = tree.attributes;
  if (!system.empty()) out.set(semconv::kDbSystemName, system);
  if (!summary.file.empty()) out.set(semconv::kWalFilePath, to_utf8(summary.file));
  if (summary.writes > 0) {
    out.set(semconv::kWalBytes, summary.bytes);
    out.set(semconv::kWalWrites, summary.writes);
  }
  out.set(semconv::kWalDurable, Value(durable));
}

void describe_commit(std::string_view system, const ProbedCall& call, const IoSummary& summary,
                     SpanTree& tree) {
  const bool durable = summary.durable() || call.last_sync;
  describe_flush(system, summary, durable && tree.error_type.empty(), tree);
  const bool leads = summary.syncs > 0 || summary.writes > 0;
  tree.attributes.set(semconv::kWalRole, leads ? "leader" : "follower");
  if (call.last_sync) tree.links.push_back(call.last_sync);
}

void set_status(uint64_t code, std::span<const std::string_view> names, SpanTree& tree) {
  if (code != 0) tree.error_type = code < names.size() ? names[code] : "_OTHER";
}

}  // namespace weft
