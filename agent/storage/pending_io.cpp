// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/pending_io.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::storage {
namespace {

bool continues(const PendingIo& last, const PendingIo& next) {
  return last.is_write && next.is_write && last.file == next.file && last.within == next.within &&
         last.tree.by.current_exchange == next.tree.by.current_exchange &&
         last.tree.error_type.empty() && next.tree.error_type.empty();
}

WriteRun run_of(const PendingIo& io) {
  return {io.tree.start, io.tree.end, io.summary.bytes, io.summary.writes};
}

void join(WriteRun& first, const WriteRun& next) {
  first.end = next.end;
  first.bytes += next.bytes;
  first.writes += next.writes;
}

void thin(std::vector<WriteRun>& runs) {
  const auto half = runs.begin() + static_cast<ptrdiff_t>(runs.size() / 2);
  for (auto it = runs.begin() + 1; it != half; ++it) join(runs.front(), *it);
  runs.erase(runs.begin() + 1, half);
}

void become(PendingIo& io, std::vector<WriteRun> runs) {
  WriteRun all = runs.front();
  for (auto it = runs.begin() + 1; it != runs.end(); ++it) join(all, *it);
  io.tree.start = all.start;
  io.tree.end = all.end;
  io.summary.bytes = all.bytes;
  io.summary.writes = all.writes;
  io.runs = std::move(runs);
}

// Splits a run of writes that spans `time` into those that began before it and the rest.
void split(std::vector<PendingIo>& ios, uint64_t time) {
  const auto across = std::ranges::find_if(ios, [&](const PendingIo& d) {
    return !d.runs.empty() && d.tree.start < time && d.runs.back().start >= time;
  });
  if (across == ios.end()) return;
  PendingIo later = *across;
  const auto cut =
      std::ranges::find_if(across->runs, [&](const WriteRun& p) { return p.start >= time; });
  become(later, {cut, across->runs.end()});
  become(*across, {across->runs.begin(), cut});
  ios.insert(across + 1, std::move(later));
}

void append(PendingIo& last, const PendingIo& next) {
  if (last.runs.empty()) last.runs.push_back(run_of(last));
  last.runs.push_back(run_of(next));
  if (last.runs.size() > PendingIoTable::kMaxRuns) thin(last.runs);
  last.summary.bytes += next.summary.bytes;
  last.summary.writes += next.summary.writes;
  last.tree.end = next.tree.end;
}

void count_in(PendingIo& last, const PendingIo& next) {
  last.summary.bytes += next.summary.bytes;
  last.summary.writes += next.summary.writes;
  last.summary.syncs += next.summary.syncs;
  last.summary.waits += next.summary.waits + (next.tree.links.empty() ? 0 : 1);
}

// A later sync of the same file on this thread will include it.
bool awaited(const std::vector<PendingIo>& ios, size_t i) {
  return ios[i].is_write &&
         std::any_of(ios.begin() + static_cast<ptrdiff_t>(i) + 1, ios.end(),
                     [&](const PendingIo& d) { return d.is_sync && d.file == ios[i].file; });
}

PendingIo take_oldest(std::vector<PendingIo>& ios) {
  size_t i = 0;
  while (awaited(ios, i)) ++i;
  PendingIo oldest = std::move(ios[i]);
  ios.erase(ios.begin() + static_cast<ptrdiff_t>(i));
  return oldest;
}

template <class Wanted>
void take(std::vector<PendingIo>& from, std::vector<PendingIo>& out, Wanted wanted) {
  std::vector<PendingIo> left;
  for (PendingIo& io : from) (wanted(io) ? out : left).push_back(std::move(io));
  from = std::move(left);
}

}  // namespace

std::vector<PendingIo> PendingIoTable::add(PendingIo io) {
  std::vector<PendingIo> early;
  std::vector<PendingIo>& ios = threads_[io.tree.by.tid];
  if (!ios.empty() && continues(ios.back(), io)) {
    append(ios.back(), io);
    return early;
  }
  if (ios.size() >= kMaxPending) early.push_back(take_oldest(ios));
  ios.push_back(std::move(io));
  return early;
}

bool PendingIoTable::fold(const PendingIo& io) {
  const auto it = threads_.find(io.tree.by.tid);
  if (it == threads_.end() || it->second.size() < kMaxPending) return false;
  if (io.within == 0 || it->second.back().within != io.within) return false;
  count_in(it->second.back(), io);
  return true;
}

std::vector<PendingIo> PendingIoTable::within(uint32_t tid, const Call& call) {
  std::vector<PendingIo> out;
  const auto it = threads_.find(tid);
  if (it == threads_.end()) return out;
  split(it->second, call.start);
  take(it->second, out, [&](const PendingIo& d) {
    // Call numbers repeat, so times must fit in any case.
    const bool others = d.within != 0 && call.number != 0 && d.within != call.number;
    return (call.outermost || !others) && d.tree.start >= call.start && d.tree.end <= call.end;
  });
  if (it->second.empty()) threads_.erase(it);
  return out;
}

std::vector<PendingIo> PendingIoTable::writes(uint32_t pid, uint64_t file, uint64_t time) {
  std::vector<PendingIo> out;
  for (auto& [tid, ios] : threads_) {
    split(ios, time);
    take(ios, out, [&](const PendingIo& d) {
      return d.is_write && d.file == file && d.tree.by.pid == pid && d.tree.end <= time;
    });
  }
  std::erase_if(threads_, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

std::vector<PendingIo> PendingIoTable::due(const std::function<bool(const PendingIo&)>& test) {
  std::vector<PendingIo> out;
  for (auto& [tid, ios] : threads_) {
    std::vector<PendingIo> left;
    for (size_t i = 0; i < ios.size(); ++i) {
      const bool given = test(ios[i]) && !awaited(ios, i);
      (given ? out : left).push_back(std::move(ios[i]));
    }
    ios = std::move(left);
  }
  std::erase_if(threads_, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

}  // namespace weft::storage
