// SPDX-License-Identifier: Apache-2.0
#include "agent/port/flush_story.h"

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"

namespace weft {

void tell_flush(std::string_view system, const Work& work, bool durable, Story& story) {
  story.name = "wal.flush";
  Attributes& out = story.attributes;
  if (!system.empty()) out.set(semconv::kDbSystemName, system);
  if (!work.file.empty()) out.set(semconv::kWalFilePath, to_utf8(work.file));
  if (work.writes > 0) {
    out.set(semconv::kWalBytes, work.bytes);
    out.set(semconv::kWalWrites, work.writes);
  }
  out.set(semconv::kWalDurable, Value(durable));
}

void tell_commit(std::string_view system, const SiteCall& call, const Work& work, Story& story) {
  const bool durable = work.durable() || call.last_sync;
  tell_flush(system, work, durable && story.error_type.empty(), story);
  const bool leads = work.syncs > 0 || work.writes > 0;
  story.attributes.set(semconv::kWalRole, leads ? "leader" : "follower");
  if (call.last_sync) story.links.push_back(call.last_sync);
}

void set_status(uint64_t code, std::span<const std::string_view> names, Story& story) {
  if (code != 0) story.error_type = code < names.size() ? names[code] : "_OTHER";
}

}  // namespace weft
