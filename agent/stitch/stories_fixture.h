// SPDX-License-Identifier: Apache-2.0
// For tests of engines' stories: who they are by, where they hang, the spans they become.
#pragma once

#include <string>
#include <utility>

#include "agent/stitch/stitch_fixture.h"

namespace weft::testing {

class StoriesTest : public testing::StitchFixture {
 protected:
  static Stamp by(uint64_t task_xid, uint32_t tid = 100, uint32_t pid = 100) {
    return {.time = 2000, .tid = tid, .task_xid = task_xid, .pid = pid};
  }
  static Story story(std::string name, const Stamp& by = {}) {
    Story out;
    out.name = std::move(name);
    out.start = 2000;
    out.end = 2500;
    out.by = by;
    return out;
  }
  PlacePtr place(const Stamp& by, uint64_t statement = 0) {
    return stitcher_.place(by, statement, /*thread_owns=*/true);
  }
  SpanPtr tell(Story story, PlacePtr place) {
    story.place = std::move(place);
    const size_t before = spans_.spans.size();
    stitcher_.tell(std::move(story));
    if (spans_.spans.size() == before) promise_all();
    return spans_.spans.size() > before ? spans_.spans[before] : nullptr;
  }
  SpanPtr told_by(const Stamp& by, uint64_t statement = 0) {
    return tell(story("s", by), place(by, statement));
  }
  uint64_t unwanted() { return counters_.get("weft.exchanges.unwanted").value(); }
};

}  // namespace weft::testing
