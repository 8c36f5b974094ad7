// SPDX-License-Identifier: Apache-2.0
// A recording: the event stream as it reached the pipeline, so that a replay needs
// neither root nor the machine it was made on. Little-endian, as the kernel wrote it:
//
//   0        8          12         16              24
//   +--------+----------+----------+---------------+----------------------------
//   | magic  | version  | flags    | wall offset   | records, each `size` bytes
//   | WEFTREC| u32      | u32      | i64 ns        | padded to 8 (bpf/abi/weft_event.h)
//   +--------+----------+----------+---------------+----------------------------
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/counter.h"
#include "agent/base/fd.h"
#include "agent/base/result.h"
#include "agent/kernel/redaction.h"
#include "agent/port/event.h"

namespace weft::kernel {

inline constexpr uint32_t kRecordingRedacted = 1;  // header flag

// Writes each event, then passes it on. Redacted (redaction.h) unless asked otherwise. One thread.
class Recorder : public EventSink {
 public:
  // Makes an EXEC record for a process older than the recording, so that a replay knows it; empty:
  // nothing is known.
  using Describe = std::function<std::vector<char>(uint32_t pid)>;

  static Result<std::unique_ptr<Recorder>> create(const std::string& path, bool unredacted,
                                                  EventSink& next, Describe describe);
  void push(const Event& event) override;
  // Writes out what is buffered. Returns the first write error, if any: from there on the recording
  // is incomplete, while the pipeline continues.
  Status finish();
  uint64_t events() const { return events_; }

 private:
  Recorder(std::string path, Fd file, bool unredacted, EventSink& next, Describe describe);
  void introduce(uint32_t pid);
  void append(const char* data, size_t size);
  void write_out();

  std::string path_;
  Fd file_;
  bool unredacted_;
  EventSink& next_;
  Describe describe_;
  std::vector<char> buffer_;
  Redaction redaction_;
  std::unordered_map<uint32_t, bool> introduced_;
  std::string error_;
  uint64_t events_ = 0;
};

// Feeds a recording into a sink while reading it: from a file, or from an endless pipe. A malformed
// recording is refused at the malformed byte, with its offset; everything before it has been passed
// on.
class Replay {
 public:
  static Result<Replay> open(const std::string& path);
  WallClock clock() const { return clock_; }
  bool redacted() const { return redacted_; }
  // Runs to the end; call once. Returns the number of events.
  Result<uint64_t> run(EventSink& sink);

 private:
  Result<const weft_event*> next();
  Status need(size_t size);
  void take(size_t size);
  size_t have() const { return end_ - begin_; }
  const char* front() const;
  std::unexpected<Error> unreadable() const;

  std::string path_;  // for messages
  Fd file_;
  std::vector<uint64_t> words_;  // what was read, aligned for the records; valid bytes …
  size_t begin_ = 0;             // … from here, in bytes
  size_t end_ = 0;
  uint64_t offset_ = 0;  // file offset of begin_
  WallClock clock_;
  bool redacted_ = false;
};

}  // namespace weft::kernel
