// SPDX-License-Identifier: Apache-2.0
// What happened inside an engine, as a tree of spans that is emitted as a whole.
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

// The parent of a span tree. Determined when the tree's events arrive, because the request that
// caused them may be over when the tree is emitted. Opaque except to the stitcher.
class ParentRef;
using ParentRefPtr = std::shared_ptr<const ParentRef>;

// Ids of a span before it exists, so that others can link to it. Its trace is decided when the
// span, or one that links to it, is emitted: only then is its parent known.
struct SpanContext {
  mutable TraceContext context;  // invalid: not decided yet
  SpanId id;
  mutable ParentRefPtr parent_ref = nullptr;  // null once decided

  bool decided() const { return !parent_ref; }
  void decide(const TraceContext& trace) const {
    context = trace;
    parent_ref = nullptr;
  }
};
using SpanContextPtr = std::shared_ptr<const SpanContext>;

// One span of an engine and its children. Kind INTERNAL. Plain data.
struct SpanTree {
  std::string name;
  uint64_t start = 0;  // CLOCK_MONOTONIC ns
  uint64_t end = 0;
  Stamp by;  // when, and by which thread
  Attributes attributes;
  std::string error_type;       // empty: no error
  SpanContextPtr span_context;  // null: no span links to it
  ParentRefPtr parent_ref;      // set on the outermost span only
  bool serves_all = false;      // done for every open request of the process: links to them
  std::vector<SpanContextPtr> links;
  std::vector<SpanTree> children;  // ordered by time
};

// Finds the parents of span trees and makes spans of them: the stitcher. One thread.
class SpanTreeSink {
 public:
  virtual ~SpanTreeSink() = default;
  // The request for which `by` was done, if that is certain. statement: statement_hash() of the
  // statement that the engine executes, 0: unknown. thread_owns: see Engine::thread_owns_request.
  virtual ParentRefPtr parent_ref(const Stamp& by, uint64_t statement, bool thread_owns) = 0;
  // Ids for a span tree with that parent, to link to.
  virtual SpanContextPtr reserve_context(const ParentRefPtr& parent_ref) = 0;
  virtual void emit(SpanTree tree) = 0;
};

}  // namespace weft
