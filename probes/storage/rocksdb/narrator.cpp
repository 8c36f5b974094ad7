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
    set_status(call.value(kCode).value_or(0), kCodes, story);
    tell_commit("rocksdb", call, work, story);
    story.attributes.set(semconv::kWalCause, call.number == kSyncWal ? "sync" : "commit");
    return true;
  }
};

}  // namespace

std::unique_ptr<Narrator> make_narrator() {
  return std::make_unique<RocksNarrator>();
}

}  // namespace weft::engine::rocksdb
