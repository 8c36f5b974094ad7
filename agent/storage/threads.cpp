// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/threads.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::storage {
namespace {

bool continues(const Deed& last, const Deed& next) {
  return last.is_write && next.is_write && last.file == next.file &&
         last.story.by.task_xid == next.story.by.task_xid && last.story.error_type.empty() &&
         next.story.error_type.empty();
}

void append(Deed& last, const Deed& next) {
  last.work.bytes += next.work.bytes;
  last.work.writes += next.work.writes;
  last.story.end = next.story.end;
}

// A sync of the same file follows.
bool awaited(const std::vector<Deed>& deeds, size_t i) {
  return deeds[i].is_write &&
         std::any_of(deeds.begin() + static_cast<ptrdiff_t>(i) + 1, deeds.end(),
                     [&](const Deed& d) { return d.is_sync && d.file == deeds[i].file; });
}

Deed take_oldest(std::vector<Deed>& deeds) {
  size_t i = 0;
  while (awaited(deeds, i)) ++i;
  Deed oldest = std::move(deeds[i]);
  deeds.erase(deeds.begin() + static_cast<ptrdiff_t>(i));
  return oldest;
}

template <class Wanted>
void take(std::vector<Deed>& from, std::vector<Deed>& out, Wanted wanted) {
  std::vector<Deed> left;
  for (Deed& deed : from) (wanted(deed) ? out : left).push_back(std::move(deed));
  from = std::move(left);
}

}  // namespace

std::vector<Deed> Threads::add(Deed deed) {
  std::vector<Deed> early;
  std::vector<Deed>& deeds = threads_[deed.story.by.tid];
  if (!deeds.empty() && continues(deeds.back(), deed)) {
    append(deeds.back(), deed);
    return early;
  }
  if (deeds.size() >= kMaxDeeds) early.push_back(take_oldest(deeds));
  deeds.push_back(std::move(deed));
  return early;
}

std::vector<Deed> Threads::within(uint32_t tid, uint64_t start, uint64_t end) {
  std::vector<Deed> out;
  const auto it = threads_.find(tid);
  if (it == threads_.end()) return out;
  take(it->second, out, [&](const Deed& d) {
    const uint64_t from = d.is_write ? d.story.end : d.story.start;
    return from >= start && d.story.end <= end;
  });
  if (it->second.empty()) threads_.erase(it);
  return out;
}

std::vector<Deed> Threads::writes(uint32_t pid, uint64_t file, uint64_t time) {
  std::vector<Deed> out;
  for (auto& [tid, deeds] : threads_) {
    take(deeds, out, [&](const Deed& d) {
      return d.is_write && d.file == file && d.story.by.pid == pid && d.story.end <= time;
    });
  }
  std::erase_if(threads_, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

std::vector<Deed> Threads::due(const std::function<bool(const Deed&)>& test) {
  std::vector<Deed> out;
  for (auto& [tid, deeds] : threads_) {
    std::vector<Deed> left;
    for (size_t i = 0; i < deeds.size(); ++i) {
      const bool given = test(deeds[i]) && !awaited(deeds, i);
      (given ? out : left).push_back(std::move(deeds[i]));
    }
    deeds = std::move(left);
  }
  std::erase_if(threads_, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

}  // namespace weft::storage
