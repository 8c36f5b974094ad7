// SPDX-License-Identifier: Apache-2.0
// Stitcher: engines' stories.
#include <utility>

#include "agent/sample/head_sampler.h"
#include "agent/stitch/place.h"
#include "agent/stitch/stitcher.h"
#include "agent/stitch/story_builder.h"

namespace weft {
namespace {

// A server may have thousands of requests waiting for one flush; so many are linked.
constexpr size_t kMaxLinks = 128;

}  // namespace

PlacePtr Stitcher::place(const Stamp& by, uint64_t statement, bool thread_owns) {
  auto place = std::make_shared<Place>();
  place->process = processes_.get(by.pid);
  if (thread_owns) {
    place->parent = tasks_.executing(by, statement);
    if (place->parent) place->how = Correlation::kThread;
  } else {
    const Tasks::Parent parent = tasks_.parent_of(by, *place->process);
    place->parent = parent.node;
    place->how = parent.how;
  }
  return place;
}

const TraceContext& Stitcher::context_of(const Place& place) {
  if (place.parent) {
    decide_trace(*place.parent);
    return place.parent->context;
  }
  if (!place.root.trace.valid()) {
    place.root.trace = TraceId::random();
    place.root.flags = root_flags(place.root.trace, sampling_);
  }
  return place.root;
}

SpanIdentityPtr Stitcher::identify(const PlacePtr& place) {
  return std::make_shared<const SpanIdentity>(TraceContext{}, SpanId::random(), place);
}

// What is linked to before it is told itself will be in the trace that the link says.
void Stitcher::decide_links(const Story& story) {
  for (const SpanIdentityPtr& link : story.links) {
    if (!link->decided()) link->decide(context_of(*link->place));
  }
  for (const Story& inner : story.inner) decide_links(inner);
}

void Stitcher::link_to_open(Story& story) {
  for (Node* node = tasks_.first_of(story.by.pid); node; node = Tasks::next(*node)) {
    if (story.links.size() == kMaxLinks) return;
    if (!promise(*node)) continue;
    story.links.push_back(std::make_shared<const SpanIdentity>(node->context, node->id));
  }
}

void Stitcher::tell(Story story) {
  note_time(story.end);
  const PlacePtr held = story.place;  // the story goes, and its parent may be nobody else's
  const Place& place = *held;
  ProcessPtr process = place.process;
  if (!process->traced) process = processes_.get(story.by.pid);
  if (!process->traced) {
    unwanted_.add();
    return;
  }
  if (story.serves_all) link_to_open(story);
  decide_links(story);
  StoryFrame frame{.context = {}, .parent = {}, .how = place.how, .resource = process->resource};
  if (place.parent) {
    frame.context = context_of(place);
    frame.parent = place.parent->id;
    frame.parent_is_remote = place.parent->start.stamp.pid != story.by.pid;
  } else {
    frame.context = promised_trace(story);
    if (!frame.context.trace.valid()) frame.context = context_of(place);
  }
  keep_promises(story, frame.context);
  // What is inside a story hangs below its outermost span, which leaves in any case.
  Node* above = place.parent.get();
  for (BuiltSpanPtr& span : build_story(std::move(story), frame, clock_)) {
    leave(std::move(span), std::exchange(above, nullptr));
  }
}

}  // namespace weft
