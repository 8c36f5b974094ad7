// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/story_builder.h"

#include <algorithm>
#include <utility>

#include "agent/base/semconv.h"

namespace weft {
namespace {

class StorySpans {
 public:
  StorySpans(const StoryFrame& frame, const WallClock& clock) : frame_(frame), clock_(clock) {}

  void add(Story story, SpanId parent, bool outermost) {
    auto span = std::make_shared<BuiltSpan>();
    span->trace = frame_.context.trace;
    span->trace_flags = frame_.context.flags;
    span->trace_state = frame_.context.trace_state;
    span->id = story.identity ? story.identity->id : SpanId::random();
    span->parent = parent;
    span->parent_is_remote = outermost && frame_.parent_is_remote;
    span->name = std::move(story.name);
    span->start = clock_.to_unix(story.start);
    span->end = clock_.to_unix(std::max(story.end, story.start));
    span->attributes = std::move(story.attributes);
    if (!story.error_type.empty()) {
      span->status = StatusCode::kError;
      span->attributes.set(semconv::kErrorType, Value(std::move(story.error_type)));
    }
    if (outermost) span->how = frame_.how;
    for (const SpanIdentityPtr& link : story.links) {
      span->links.push_back({.trace = link->context.trace, .span = link->id});
    }
    span->resource = frame_.resource;
    const SpanId id = span->id;
    spans_.push_back(std::move(span));
    for (Story& inner : story.inner) add(std::move(inner), id, false);
  }
  std::vector<BuiltSpanPtr> take() { return std::move(spans_); }

 private:
  const StoryFrame& frame_;
  const WallClock& clock_;
  std::vector<BuiltSpanPtr> spans_;
};

}  // namespace

std::vector<BuiltSpanPtr> build_story(Story story, const StoryFrame& frame,
                                      const WallClock& clock) {
  StorySpans spans(frame, clock);
  spans.add(std::move(story), frame.parent, true);
  return spans.take();
}

TraceContext promised_trace(const Story& story) {
  if (story.identity && story.identity->decided()) return story.identity->context;
  for (const Story& inner : story.inner) {
    if (TraceContext found = promised_trace(inner); found.trace.valid()) return found;
  }
  return {};
}

void keep_promises(const Story& story, const TraceContext& context) {
  if (story.identity) story.identity->decide(context);
  for (const Story& inner : story.inner) keep_promises(inner, context);
}

}  // namespace weft
