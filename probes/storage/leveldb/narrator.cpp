// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/leveldb/narrator.h"

#include "agent/port/flush_story.h"

namespace weft::engine::leveldb {
namespace {

// leveldb::Status::Code
constexpr std::string_view kCodes[] = {"OK",           "NotFound",        "Corruption",
                                       "NotSupported", "InvalidArgument", "IOError"};

class LevelNarrator final : public Narrator {
 public:
  bool call(const SiteCall& call, const Work& work, Story& story) override {
    const uint64_t code = call.value(kCode).value_or(0);
    if (code != 0) story.error_type = code < std::size(kCodes) ? kCodes[code] : "_OTHER";
    tell_commit("leveldb", work, code == 0, story);
    if (call.last_sync) story.links.push_back(call.last_sync);
    return true;
  }
};

}  // namespace

std::unique_ptr<Narrator> make_narrator() {
  return std::make_unique<LevelNarrator>();
}

}  // namespace weft::engine::leveldb
