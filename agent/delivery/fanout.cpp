// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/fanout.h"

#include "agent/delivery/old_names.h"

namespace weft {

void SpanFanout::push(SpanPtr span) {
  if (batchers_.empty()) return;
  if (old_names_.any()) span = with_old_names(span, old_names_);
  span = limited(std::move(span), limits_);
  const size_t last = batchers_.size() - 1;
  for (size_t i = 0; i < last; ++i) batchers_[i]->push(span);
  batchers_[last]->push(std::move(span));
}

bool SpanFanout::flush(Batcher::TimePoint deadline) {
  for (const auto& batcher : batchers_) batcher->begin_flush();
  bool all = true;
  for (const auto& batcher : batchers_) all &= batcher->flush(deadline);
  return all;
}

bool SpanFanout::stop(Batcher::TimePoint deadline) {
  for (const auto& batcher : batchers_) batcher->begin_stop(deadline);
  bool all = true;
  for (const auto& batcher : batchers_) all &= batcher->stop(deadline);
  return all;
}

std::vector<Batcher::State> SpanFanout::states() const {
  std::vector<Batcher::State> out;
  out.reserve(batchers_.size());
  for (const auto& batcher : batchers_) out.push_back(batcher->state());
  return out;
}

}  // namespace weft
