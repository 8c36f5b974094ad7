// SPDX-License-Identifier: Apache-2.0
// Metrics of storage operations: count, duration, bytes, errors and group commit sizes.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "agent/base/counter.h"
#include "agent/metrics/histogram.h"
#include "agent/port/meter.h"

namespace weft::metrics {

// Labels are what a user knows: processes of one service, and the numbered files of one log, share
// a series. An operation seen before costs a look-up and allocates nothing. Memory is bounded:
// beyond kMaxSeries everything is counted in one series with all labels "_overflow". One thread.
class StorageMetrics final : public StorageMeter {
 public:
  static constexpr size_t kMaxSeries = 1000;
  static constexpr size_t kMaxInstances = 1024;  // beyond: the longest unused counts as ended
  static constexpr size_t kMaxRoutes = 4096;     // beyond: the cache is cleared
  // How long a series is kept after the last of its processes has ended.
  static constexpr uint64_t kKept = 300'000'000'000;  // ns

  struct Identity {
    std::string engine;
    std::string service;
    std::string operation;  // these three are empty for groups
    std::string file;       // see file_label(); empty: no particular file
    std::string backend;    // may be empty
    auto operator<=>(const Identity&) const = default;
  };
  struct Series {
    explicit Series(const Scale& scale) : values(scale) {}
    Histogram values;  // ns for operations, commits for groups
    uint64_t bytes = 0;
    uint64_t errors = 0;
    uint32_t holders = 0;  // instances that use it
    uint64_t left = 0;     // when it was first seen without holders; 0: it has some, or was not
                           // seen yet
  };
  using SeriesMap = std::map<Identity, Series>;
  // The service name of a process. Called once for each process that represents an instance.
  using NameOf = std::function<std::string(uint32_t pid)>;

  // `counters` outlives it.
  StorageMetrics(NameOf name_of, CounterSet& counters);

  void operation(const StorageSample& sample) override;
  void group(const Engine& engine, uint32_t instance, uint64_t size) override;

  // The process ended, or executes another program.
  void forget(uint32_t pid);
  // Drops expired series. Call about once a second with the events' clock (ns).
  void sweep(uint64_t now);

  const SeriesMap& operations() const { return operations_; }
  const SeriesMap& groups() const { return groups_; }
  size_t routes() const { return routes_.size(); }  // at most kMaxRoutes

 private:
  // Key of the route cache, made from a StorageSample.
  template <class Text>
  struct Source {
    const Engine* engine;
    uint32_t instance;
    Text operation;  // empty: groups
    Text file;
    Text backend;
  };
  using SourceView = Source<std::string_view>;
  struct SourceHash {
    using is_transparent = void;
    template <class Text>
    size_t operator()(const Source<Text>& source) const;
  };
  struct SourceEqual {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const Source<A>& a, const Source<B>& b) const;
  };
  struct Instance {
    std::string service;
    uint64_t used = 0;
    std::unordered_set<Series*> series;
  };
  struct Route {
    Series* series;
    Instance* instance;
  };

  Series& series(const SourceView& source);
  Route& learn(const SourceView& source);
  Instance& instance(uint32_t pid);
  Series& named(SeriesMap& map, Identity identity, const Scale& scale);
  static size_t drop_left(SeriesMap& map, uint64_t now);

  NameOf name_of_;
  Counter& refused_;
  uint64_t now_ = 0;  // time of the last sweep
  SeriesMap operations_;
  SeriesMap groups_;
  std::unordered_map<uint32_t, Instance> instances_;  // by pid
  // A cache: every route's instance and series are in the maps above.
  std::unordered_map<Source<std::string>, Route, SourceHash, SourceEqual> routes_;
};

}  // namespace weft::metrics
