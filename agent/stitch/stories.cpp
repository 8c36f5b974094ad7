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
  return place->parent ? place : root_of(by.tid, place);
}

// What a thread does for nobody, and is told as one story, is one trace: the place lives as
// long as any part of the story waits.
PlacePtr Stitcher::root_of(uint32_t tid, std::shared_ptr<Place> fresh) {
  constexpr size_t kMostRoots = 4096;
  if (roots_.size() > kMostRoots) {
    std::erase_if(roots_, [](const auto& entry) { return entry.second.expired(); });
  }
  std::weak_ptr<const Place>& root = roots_[tid];
  if (PlacePtr alive = root.lock(); alive && alive->process == fresh->process) return alive;
  root = fresh;
  return fresh;
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
  return std::make_shared<const SpanIdentity>(context_of(*place), SpanId::random());
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
  const Place& place = *story.place;
  ProcessPtr process = place.process;
  if (!process->traced) process = processes_.get(story.by.pid);
  if (!process->traced) {
    unwanted_.add();
    return;
  }
  if (story.serves_all) link_to_open(story);
  StoryFrame frame{.context = {}, .parent = {}, .how = place.how, .resource = process->resource};
  if (place.parent) {
    frame.context = context_of(place);
    frame.parent = place.parent->id;
    frame.parent_is_remote = place.parent->start.stamp.pid != story.by.pid;
  } else {
    frame.context = promised_trace(story);
    if (!frame.context.trace.valid()) frame.context = context_of(place);
  }
  // What is inside a story hangs below its outermost span, which leaves in any case.
  Node* above = place.parent.get();
  for (BuiltSpanPtr& span : build_story(std::move(story), frame, clock_)) {
    leave(std::move(span), std::exchange(above, nullptr));
  }
}

}  // namespace weft
