// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/threads.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::storage {
namespace {

bool continues(const Deed& last, const Deed& next) {
  return last.is_write && next.is_write && last.file == next.file && last.within == next.within &&
         last.story.by.task_xid == next.story.by.task_xid && last.story.error_type.empty() &&
         next.story.error_type.empty();
}

Piece piece_of(const Deed& deed) {
  return {deed.story.start, deed.story.end, deed.work.bytes, deed.work.writes};
}

void join(Piece& first, const Piece& next) {
  first.end = next.end;
  first.bytes += next.bytes;
  first.writes += next.writes;
}

void thin(std::vector<Piece>& pieces) {
  const auto half = pieces.begin() + static_cast<ptrdiff_t>(pieces.size() / 2);
  for (auto it = pieces.begin() + 1; it != half; ++it) join(pieces.front(), *it);
  pieces.erase(pieces.begin() + 1, half);
}

void become(Deed& deed, std::vector<Piece> pieces) {
  Piece all = pieces.front();
  for (auto it = pieces.begin() + 1; it != pieces.end(); ++it) join(all, *it);
  deed.story.start = all.start;
  deed.story.end = all.end;
  deed.work.bytes = all.bytes;
  deed.work.writes = all.writes;
  deed.pieces = std::move(pieces);
}

// The writes that began before `time` are cut off from the later ones.
void split(std::vector<Deed>& deeds, uint64_t time) {
  const auto across = std::ranges::find_if(deeds, [&](const Deed& d) {
    return !d.pieces.empty() && d.story.start < time && d.pieces.back().start >= time;
  });
  if (across == deeds.end()) return;
  Deed later = *across;
  const auto cut =
      std::ranges::find_if(across->pieces, [&](const Piece& p) { return p.start >= time; });
  become(later, {cut, across->pieces.end()});
  become(*across, {across->pieces.begin(), cut});
  deeds.insert(across + 1, std::move(later));
}

void append(Deed& last, const Deed& next) {
  if (last.pieces.empty()) last.pieces.push_back(piece_of(last));
  last.pieces.push_back(piece_of(next));
  if (last.pieces.size() > Threads::kMaxPieces) thin(last.pieces);
  last.work.bytes += next.work.bytes;
  last.work.writes += next.work.writes;
  last.story.end = next.story.end;
}

void count_in(Deed& last, const Deed& next) {
  last.work.bytes += next.work.bytes;
  last.work.writes += next.work.writes;
  last.work.syncs += next.work.syncs;
  last.work.waits += next.work.waits + (next.story.links.empty() ? 0 : 1);
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

bool Threads::fold(const Deed& deed) {
  const auto it = threads_.find(deed.story.by.tid);
  if (it == threads_.end() || it->second.size() < kMaxDeeds) return false;
  if (deed.within == 0 || it->second.back().within != deed.within) return false;
  count_in(it->second.back(), deed);
  return true;
}

std::vector<Deed> Threads::within(uint32_t tid, const Call& call) {
  std::vector<Deed> out;
  const auto it = threads_.find(tid);
  if (it == threads_.end()) return out;
  split(it->second, call.start);
  take(it->second, out, [&](const Deed& d) {
    // Numbers come again, so times have to fit in any case.
    const bool others = d.within != 0 && call.number != 0 && d.within != call.number;
    return (call.outermost || !others) && d.story.start >= call.start && d.story.end <= call.end;
  });
  if (it->second.empty()) threads_.erase(it);
  return out;
}

std::vector<Deed> Threads::writes(uint32_t pid, uint64_t file, uint64_t time) {
  std::vector<Deed> out;
  for (auto& [tid, deeds] : threads_) {
    split(deeds, time);
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
