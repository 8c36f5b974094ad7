// SPDX-License-Identifier: Apache-2.0
// For tests of engines' span trees: their threads, their parents, the spans they become.
#pragma once

#include <string>
#include <utility>

#include "agent/stitch/stitch_fixture.h"

namespace weft::testing {

class SpanTreesTest : public testing::StitchFixture {
 protected:
  static Stamp by(uint64_t current_exchange, uint32_t tid = 100, uint32_t pid = 100) {
    return {.time = 2000, .tid = tid, .current_exchange = current_exchange, .pid = pid};
  }
  static SpanTree tree(std::string name, const Stamp& by = {}) {
    SpanTree out;
    out.name = std::move(name);
    out.start = 2000;
    out.end = 2500;
    out.by = by;
    return out;
  }
  ParentRefPtr parent_ref(const Stamp& by, uint64_t statement = 0) {
    return stitcher_.parent_ref(by, statement, /*thread_owns=*/true);
  }
  SpanPtr tell(SpanTree tree, ParentRefPtr parent_ref) {
    tree.parent_ref = std::move(parent_ref);
    const size_t before = spans_.spans.size();
    stitcher_.emit(std::move(tree));
    if (spans_.spans.size() == before) promise_all();
    return spans_.spans.size() > before ? spans_.spans[before] : nullptr;
  }
  SpanPtr told_by(const Stamp& by, uint64_t statement = 0) {
    return tell(tree("s", by), parent_ref(by, statement));
  }
  uint64_t unwanted() { return counters_.get("weft.exchanges.unwanted").value(); }
};

}  // namespace weft::testing
