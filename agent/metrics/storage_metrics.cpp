// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/storage_metrics.h"

#include <algorithm>
#include <utility>

#include "agent/base/utf8.h"
#include "agent/metrics/file_label.h"

namespace weft::metrics {
namespace {

constexpr const char* kOverflow = "_overflow";

size_t mixed(size_t hash, size_t more) {
  return (hash ^ more) * 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
}

}  // namespace

template <class Text>
size_t StorageMetrics::SourceHash::operator()(const Source<Text>& source) const {
  const std::hash<std::string_view> text;
  const size_t who = std::hash<const void*>()(source.engine) + source.instance;
  size_t hash = mixed(mixed(who, text(source.operation)), text(source.file));
  if (!source.backend.empty()) hash = mixed(hash, text(source.backend));
  return hash;
}

template <class A, class B>
bool StorageMetrics::SourceEqual::operator()(const Source<A>& a, const Source<B>& b) const {
  return a.engine == b.engine && a.instance == b.instance && a.operation == b.operation &&
         a.file == b.file && a.backend == b.backend;
}

StorageMetrics::StorageMetrics(NameOf name_of, CounterSet& counters)
    : name_of_(std::move(name_of)), refused_(counters.get("weft.storage.series.refused")) {}

void StorageMetrics::operation(const StorageSample& sample) {
  Series& to = series({.engine = sample.engine,
                       .instance = sample.instance,
                       .operation = sample.operation,
                       .file = sample.file,
                       .backend = sample.backend});
  to.values.observe(sample.duration);
  to.bytes += sample.bytes;
  to.errors += sample.failed ? 1 : 0;
}

void StorageMetrics::group(const Engine& engine, uint32_t instance, uint64_t size) {
  series({.engine = &engine, .instance = instance, .operation = {}, .file = {}, .backend = {}})
      .values.observe(size);
}

StorageMetrics::Series& StorageMetrics::series(const SourceView& source) {
  const auto known = routes_.find(source);
  const Route& route = known != routes_.end() ? known->second : learn(source);
  route.instance->used = now_;
  return *route.series;
}

StorageMetrics::Route& StorageMetrics::learn(const SourceView& source) {
  Instance& by = instance(source.instance);
  const bool group = source.operation.empty();
  Series& to = named(group ? groups_ : operations_,
                     {.engine = std::string(source.engine->target.name),
                      .service = by.service,
                      .operation = std::string(source.operation),
                      .file = to_utf8(file_label(source.file)),
                      .backend = to_utf8(source.backend)},
                     group ? kCounts : kDurations);
  if (by.series.insert(&to).second) ++to.holders;
  to.left = 0;
  if (routes_.size() >= kMaxRoutes) routes_.clear();
  return routes_
      .emplace(Source<std::string>{source.engine, source.instance, std::string(source.operation),
                                   std::string(source.file), std::string(source.backend)},
               Route{&to, &by})
      .first->second;
}

StorageMetrics::Instance& StorageMetrics::instance(uint32_t pid) {
  const auto known = instances_.find(pid);
  if (known != instances_.end()) return known->second;
  if (instances_.size() >= kMaxInstances) {
    forget(std::ranges::min_element(instances_, {}, [](const auto& e) {
             return e.second.used;
           })->first);
  }
  Instance& made = instances_[pid];
  made.service = to_utf8(name_of_(pid));
  return made;
}

StorageMetrics::Series& StorageMetrics::named(SeriesMap& map, Identity identity,
                                              const Scale& scale) {
  if (operations_.size() + groups_.size() >= kMaxSeries && !map.contains(identity)) {
    refused_.add();
    const std::string of_operation = identity.operation.empty() ? "" : kOverflow;
    identity = {kOverflow, kOverflow, of_operation, of_operation, of_operation};
  }
  return map.try_emplace(std::move(identity), scale).first->second;
}

void StorageMetrics::forget(uint32_t pid) {
  const auto found = instances_.find(pid);
  if (found == instances_.end()) return;
  for (Series* series : found->second.series) --series->holders;
  std::erase_if(routes_, [&](const auto& e) { return e.first.instance == pid; });
  instances_.erase(found);
}

size_t StorageMetrics::drop_left(SeriesMap& map, uint64_t now) {
  for (auto& [identity, series] : map) {
    if (series.holders == 0 && series.left == 0) series.left = now;
  }
  return std::erase_if(
      map, [&](const auto& e) { return e.second.holders == 0 && now - e.second.left >= kKept; });
}

void StorageMetrics::sweep(uint64_t now) {
  now_ = now;
  const size_t dropped = drop_left(operations_, now) + drop_left(groups_, now);
  if (dropped > 0) routes_.clear();  // series counted as "_overflow" may have room now
}

}  // namespace weft::metrics
