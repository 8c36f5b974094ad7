// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/rocksdb/narrator.h"

#include "agent/base/semconv.h"
#include "agent/port/flush_story.h"

namespace weft::engine::rocksdb {
namespace {

// rocksdb::Status::Code
constexpr std::string_view kCodes[] = {"Ok",
                                       "NotFound",
                                       "Corruption",
                                       "NotSupported",
                                       "InvalidArgument",
                                       "IOError",
                                       "MergeInProgress",
                                       "Incomplete",
                                       "ShutdownInProgress",
                                       "TimedOut",
                                       "Aborted",
                                       "Busy",
                                       "Expired",
                                       "TryAgain",
                                       "CompactionTooLarge",
                                       "ColumnFamilyDropped"};

class RocksNarrator final : public Narrator {
 public:
  bool call(const SiteCall& call, const Work& work, Story& story) override {
    const uint64_t code = call.value(kCode).value_or(0);
    if (code != 0) story.error_type = code < std::size(kCodes) ? kCodes[code] : "_OTHER";
    tell_commit("rocksdb", work, code == 0, story);
    story.attributes.set(semconv::kWalCause, call.number == kSyncWal ? "sync" : "commit");
    if (call.last_sync) story.links.push_back(call.last_sync);
    return true;
  }
};

}  // namespace

std::unique_ptr<Narrator> make_narrator() {
  return std::make_unique<RocksNarrator>();
}

}  // namespace weft::engine::rocksdb
