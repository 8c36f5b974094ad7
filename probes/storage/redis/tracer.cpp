// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/redis/tracer.h"

#include "agent/base/path.h"
#include "agent/base/semconv.h"
#include "agent/port/flush_tree.h"

namespace weft::engine::redis {
namespace {

class RedisTracer final : public EngineTracer {
 public:
  // The replies to all commands since the last flush are sent after this flush.
  bool call(const ProbedCall&, const IoSummary& summary, SpanTree& tree) override {
    const bool synced = summary.syncs > 0 && tree.error_type.empty();
    describe_flush("redis", summary, synced, tree);
    tree.serves_all = true;
    return true;
  }

  // temp-rewriteaof-bg-1234.aof, temp-rewriteaof-1234.aof: written by a child process.
  void by_files(const IoSummary& summary, SpanTree& tree) override {
    if (base_name(summary.file).starts_with("temp-rewriteaof"))
      tree.attributes.set(semconv::kWalCause, "rewrite");
  }
};

}  // namespace

std::unique_ptr<EngineTracer> make_tracer() {
  return std::make_unique<RedisTracer>();
}

}  // namespace weft::engine::redis
