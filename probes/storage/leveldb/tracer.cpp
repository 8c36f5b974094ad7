// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/leveldb/tracer.h"

#include "agent/port/flush_tree.h"

namespace weft::engine::leveldb {
namespace {

// leveldb::Status::Code
constexpr std::string_view kCodes[] = {"OK",           "NotFound",        "Corruption",
                                       "NotSupported", "InvalidArgument", "IOError"};

class LevelTracer final : public EngineTracer {
 public:
  bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) override {
    set_status(call.value(kCode).value_or(0), kCodes, tree);
    describe_commit("leveldb", call, summary, tree);
    return true;
  }
};

}  // namespace

std::unique_ptr<EngineTracer> make_tracer() {
  return std::make_unique<LevelTracer>();
}

}  // namespace weft::engine::leveldb
