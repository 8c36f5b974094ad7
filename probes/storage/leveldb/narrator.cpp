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
    set_status(call.value(kCode).value_or(0), kCodes, story);
    tell_commit("leveldb", call, work, story);
    return true;
  }
};

}  // namespace

std::unique_ptr<Narrator> make_narrator() {
  return std::make_unique<LevelNarrator>();
}

}  // namespace weft::engine::leveldb
