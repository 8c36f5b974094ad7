// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/rocksdb/tracer.h"

#include "agent/base/semconv.h"
#include "agent/port/flush_tree.h"

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

class RocksTracer final : public EngineTracer {
 public:
  bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) override {
    set_status(call.value(kCode).value_or(0), kCodes, tree);
    describe_commit("rocksdb", call, summary, tree);
    tree.attributes.set(semconv::kWalCause, call.number == kSyncWal ? "sync" : "commit");
    return true;
  }
};

}  // namespace

std::unique_ptr<EngineTracer> make_tracer() {
  return std::make_unique<RocksTracer>();
}

}  // namespace weft::engine::rocksdb
