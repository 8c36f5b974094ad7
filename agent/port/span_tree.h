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

// Where a span tree hangs: made when its events are heard, for the request they were done for
// may be over when the span tree is told. The stitcher knows what is in it.
class ParentRef;
using ParentRefPtr = std::shared_ptr<const ParentRef>;

// Ids of a span before it exists, so that others may point to it. Its trace is decided when it
// or what points to it is told, for only then is it known what it is a part of.
struct SpanContext {
  mutable TraceContext context;  // invalid: not yet decided
  SpanId id;
  mutable ParentRefPtr parent_ref = nullptr;  // until then

  bool decided() const { return !parent_ref; }
  void decide(const TraceContext& trace) const {
    context = trace;
    parent_ref = nullptr;
  }
};
using SpanContextPtr = std::shared_ptr<const SpanContext>;

// One span of an engine and those inside it. Kind INTERNAL. Plain data.
struct SpanTree {
  std::string name;
  uint64_t start = 0;  // CLOCK_MONOTONIC ns
  uint64_t end = 0;
  Stamp by;  // whose doing
  Attributes attributes;
  std::string error_type;       // empty: no error
  SpanContextPtr span_context;  // null: nobody points to it
  ParentRefPtr parent_ref;      // of an outermost span tree
  bool serves_all = false;      // done for every request the process has open: links to them
  std::vector<SpanContextPtr> links;
  std::vector<SpanTree> children;  // in order of time
};

// Who places span trees and makes spans of them: the stitcher. One thread.
class SpanTreeSink {
 public:
  virtual ~SpanTreeSink() = default;
  // The request `by` is done for, if that is certain. statement: statement_hash() of what
  // the engine says it executes, 0 unknown. thread_owns: see Engine::thread_owns_request.
  virtual ParentRefPtr parent_ref(const Stamp& by, uint64_t statement, bool thread_owns) = 0;
  // Ids for a span tree at that place, to be pointed at.
  virtual SpanContextPtr reserve_context(const ParentRefPtr& parent_ref) = 0;
  virtual void tell(SpanTree tree) = 0;
};

}  // namespace weft
