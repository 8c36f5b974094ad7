// SPDX-License-Identifier: Apache-2.0
// From file operations and engine calls to span trees: routes each event to the part that it
// concerns (files, log I/O, calls, engines' tracers).
#pragma once

#include <functional>

#include "agent/base/counter.h"
#include "agent/port/event.h"
#include "agent/port/meter.h"
#include "agent/storage/calls.h"
#include "agent/storage/engine_presence.h"
#include "agent/storage/files/files.h"
#include "agent/storage/instances.h"
#include "agent/storage/log_io.h"
#include "agent/storage/output.h"

namespace weft::storage {

// The interfaces and callbacks that Storage uses.
struct Surroundings {
  SpanTreeSink& sink;
  StorageMeter& meter;
  Instances::Find instance_of;
  // No pattern fits the name: stop reporting this file.
  std::function<void(const weft_file_key& key)> on_unwanted = [](const weft_file_key&) {};
  // A process maps a library that may contain a probe target; it may not be complete yet.
  std::function<void(uint32_t pid)> on_library = [](uint32_t) {};
  // A process has changed a log, or operates on one.
  std::function<void(uint32_t pid)> on_log = [](uint32_t) {};
};

// One thread.
class Storage {
 public:
  Storage(Patterns patterns, Surroundings surroundings, CounterSet& counters);
  Storage(const Storage&) = delete;  // its parts refer to each other
  Storage& operator=(const Storage&) = delete;

  // FILE, FILE_IO, RENAME, PROBE (of engines), EXEC, FORK and EXIT events.
  void on_event(const Event& event);
  // Emits what has waited long enough. Call about once a second with the events' clock.
  void sweep(uint64_t now);
  // The process has loaded the engine's library or executes its program.
  void has_engine(const Engine& engine, uint32_t pid) { presence_.has_engine(engine, pid); }

 private:
  void on_file(const weft_ev_file& event);
  void on_io(const weft_ev_file_io& event, std::string_view bytes);
  void on_entry(const Engine& engine, const FileOp& op);
  void on_library(const File& file, uint32_t pid);
  void on_rename(const weft_ev_rename& event);
  void forget(uint32_t pid);

  Files files_;
  EnginePresence presence_;
  Instances instances_;
  Output output_;
  LogIo log_io_;
  Calls calls_;
  std::function<void(const weft_file_key&)> on_unwanted_;
  std::function<void(uint32_t)> on_library_;
  std::function<void(uint32_t)> on_log_;
  Counter& unknown_;
};

}  // namespace weft::storage
