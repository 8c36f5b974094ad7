// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/redis/narrator.h"

#include "agent/base/path.h"
#include "agent/base/semconv.h"
#include "agent/port/flush_story.h"

namespace weft::engine::redis {
namespace {

class RedisNarrator final : public Narrator {
 public:
  // Replies to all that was executed since the last flush leave after this one.
  bool call(const SiteCall&, const Work& work, Story& story) override {
    const bool synced = work.syncs > 0 && story.error_type.empty();
    tell_flush("redis", work, synced, story);
    story.serves_all = true;
    return true;
  }

  // temp-rewriteaof-bg-1234.aof, temp-rewriteaof-1234.aof: written by a child.
  void by_files(const Work& work, Story& story) override {
    if (base_name(work.file).starts_with("temp-rewriteaof"))
      story.attributes.set(semconv::kWalCause, "rewrite");
  }
};

}  // namespace

std::unique_ptr<Narrator> make_narrator() {
  return std::make_unique<RedisNarrator>();
}

}  // namespace weft::engine::redis
