// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/recording.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "agent/config/text.h"
#include "agent/kernel/order.h"

namespace weft::kernel {
namespace {

constexpr char kMagic[8] = {'W', 'E', 'F', 'T', 'R', 'E', 'C', '\0'};
constexpr size_t kFlushAt = 256 * 1024;
// Must hold the longest well-formed record (an EXEC with two blocks of 64 KiB each).
constexpr size_t kReplayBuffer = 256 * 1024;

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t flags;
  int64_t wall_offset;
};
static_assert(sizeof(Header) == 24);

size_t padded(size_t size) {
  return (size + 7) & ~size_t{7};
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::create(const std::string& path, bool unredacted,
                                                   EventSink& next, Describe describe) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return fail(ExitCode::kWriteFailed, "cannot write recording " + one_line(path) + ": " +
                                            std::strerror(errno) + "; name a writable file");
  }
  return std::unique_ptr<Recorder>(
      new Recorder(one_line(path), std::move(file), unredacted, next, std::move(describe)));
}

Recorder::Recorder(std::string path, Fd file, bool unredacted, EventSink& next, Describe describe)
    : path_(std::move(path)),
      file_(std::move(file)),
      unredacted_(unredacted),
      next_(next),
      describe_(std::move(describe)) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.version = WEFT_ABI_VERSION;
  header.flags = unredacted_ ? 0 : kRecordingRedacted;
  header.wall_offset = WallClock::now().offset;
  append(reinterpret_cast<const char*>(&header), sizeof header);
}

void Recorder::push(const Event& event) {
  const weft_event& head = *event.head;
  if (head.type == WEFT_EV_OPEN || head.type == WEFT_EV_FILE_IO || head.type == WEFT_EV_PROBE) {
    introduce(head.pid);
  }
  if (head.type == WEFT_EV_EXEC) introduced_[head.pid] = true;
  if (head.type == WEFT_EV_EXIT) introduced_.erase(head.pid);
  const char* raw = reinterpret_cast<const char*>(event.head);
  std::vector<char> record(raw, raw + head.size);
  if (!unredacted_ && !redaction_.apply(record)) record.clear();
  append(record.data(), record.size());
  events_ += record.empty() ? 0 : 1;
  next_.push(event);
}

void Recorder::introduce(uint32_t pid) {
  if (introduced_.contains(pid) || !describe_) return;
  introduced_[pid] = true;
  std::vector<char> record = describe_(pid);
  if (record.empty()) return;
  if (!unredacted_) redaction_.apply(record);
  append(record.data(), record.size());
  ++events_;
}

void Recorder::append(const char* data, size_t size) {
  if (!error_.empty()) return;
  buffer_.insert(buffer_.end(), data, data + size);
  buffer_.resize(padded(buffer_.size()));
  if (buffer_.size() >= kFlushAt) write_out();
}

void Recorder::write_out() {
  size_t done = 0;
  while (done < buffer_.size() && error_.empty()) {
    const ssize_t n = ::write(file_.get(), buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error_ = std::strerror(errno);
    if (n > 0) done += static_cast<size_t>(n);
  }
  buffer_.clear();
}

Status Recorder::finish() {
  write_out();
  if (error_.empty()) return {};
  return fail(ExitCode::kWriteFailed,
              "recording " + path_ + " is cut: " + error_ + "; free space and record again");
}

Result<Replay> Replay::open(const std::string& path) {
  Replay replay;
  replay.path_ = one_line(path);
  replay.file_ = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!replay.file_.valid()) return replay.unreadable();
  replay.words_.resize(kReplayBuffer / sizeof(uint64_t));
  if (Status read = replay.need(sizeof(Header)); !read) return std::unexpected(read.error());
  Header header{};
  std::memcpy(&header, replay.front(), std::min(replay.have(), sizeof header));
  if (replay.have() < sizeof header || std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    return fail(ExitCode::kBadRecording, replay.path_ +
                                             " is not a weft recording (make one with "
                                             "`weft record FILE`)");
  }
  if (header.version != WEFT_ABI_VERSION) {
    return fail(ExitCode::kBadRecording, replay.path_ + " has format version " +
                                             std::to_string(header.version) + ", this weft reads " +
                                             std::to_string(WEFT_ABI_VERSION) +
                                             ": replay it with the weft that made it");
  }
  replay.clock_.offset = header.wall_offset;
  replay.redacted_ = header.flags & kRecordingRedacted;
  replay.take(sizeof header);
  return replay;
}

Result<uint64_t> Replay::run(EventSink& sink) {
  for (uint64_t events = 0;; ++events) {
    const Result<const weft_event*> record = next();
    if (!record) return std::unexpected(record.error());
    if (!*record) return events;
    sink.push(Event{*record});
    take(padded((*record)->size));
  }
}

// The next record, complete in the buffer; null at the end.
Result<const weft_event*> Replay::next() {
  if (Status read = need(sizeof(weft_event)); !read) return std::unexpected(read.error());
  if (have() == 0) return nullptr;
  const auto* head = reinterpret_cast<const weft_event*>(front());
  const size_t size = have() < sizeof *head ? kReplayBuffer + 1 : padded(head->size);
  if (size <= kReplayBuffer) {
    if (Status read = need(size); !read) return std::unexpected(read.error());
    head = reinterpret_cast<const weft_event*>(front());
    if (have() >= size && well_formed({front(), size})) return head;
  }
  return fail(ExitCode::kBadRecording,
              path_ + " is malformed at byte " + std::to_string(offset_) +
                  " (cut off, or not a recording): what came before was replayed, make another "
                  "with `weft record FILE`");
}

const char* Replay::front() const {
  return reinterpret_cast<const char*>(words_.data()) + begin_;
}

// Makes `size` bytes (≤ kReplayBuffer) available; fewer only at the end of the file.
Status Replay::need(size_t size) {
  char* const bytes = reinterpret_cast<char*>(words_.data());
  if (have() < size && begin_ > 0) {
    std::memmove(bytes, bytes + begin_, have());
    end_ -= std::exchange(begin_, 0);
  }
  while (have() < size) {
    const ssize_t n = ::read(file_.get(), bytes + end_, kReplayBuffer - end_);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable();
    if (n == 0) break;
    end_ += static_cast<size_t>(n);
  }
  return {};
}

void Replay::take(size_t size) {
  begin_ += size;
  offset_ += size;
}

std::unexpected<Error> Replay::unreadable() const {
  return fail(ExitCode::kBadRecording, "cannot read recording " + path_ + ": " +
                                           std::strerror(errno) +
                                           "; name a file that `weft record FILE` made");
}

}  // namespace weft::kernel
