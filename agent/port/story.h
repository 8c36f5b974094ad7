// SPDX-License-Identifier: Apache-2.0
// What happened inside an engine, on its way to become spans: a tree, told as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/attribute.h"
#include "agent/base/ids.h"
#include "agent/base/trace_context.h"
#include "agent/port/exchange.h"

namespace weft {

// Where a story hangs: made when its events are heard, for the request they were done for
// may be over when the story is told. The stitcher knows what is in it.
class Place;
using PlacePtr = std::shared_ptr<const Place>;

// Ids of a span before it exists, so that others may point to it. Its trace is decided when it
// or what points to it is told, for only then is it known what it is a part of.
struct SpanIdentity {
  mutable TraceContext context;  // invalid: not yet decided
  SpanId id;
  mutable PlacePtr place = nullptr;  // until then

  bool decided() const { return !place; }
  void decide(const TraceContext& trace) const {
    context = trace;
    place = nullptr;
  }
};
using SpanIdentityPtr = std::shared_ptr<const SpanIdentity>;

// One span of an engine and those inside it. Kind INTERNAL. Plain data.
struct Story {
  std::string name;
  uint64_t start = 0;  // CLOCK_MONOTONIC ns
  uint64_t end = 0;
  Stamp by;  // whose doing
  Attributes attributes;
  std::string error_type;    // empty: no error
  SpanIdentityPtr identity;  // null: nobody points to it
  PlacePtr place;            // of an outermost story
  bool serves_all = false;   // done for every request the process has open: links to them
  std::vector<SpanIdentityPtr> links;
  std::vector<Story> inner;  // in order of time
};

// Who places stories and makes spans of them: the stitcher. One thread.
class StoryTeller {
 public:
  virtual ~StoryTeller() = default;
  // The request `by` is done for, if that is certain. statement: statement_hash() of what
  // the engine says it executes, 0 unknown. thread_owns: see Engine::thread_owns_request.
  virtual PlacePtr place(const Stamp& by, uint64_t statement, bool thread_owns) = 0;
  // Ids for a story at that place, to be pointed at.
  virtual SpanIdentityPtr identify(const PlacePtr& place) = 0;
  virtual void tell(Story story) = 0;
};

}  // namespace weft
