// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/recording.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

#include "agent/kernel/order.h"

namespace weft::kernel {
namespace {

constexpr char kMagic[8] = {'W', 'E', 'F', 'T', 'R', 'E', 'C', '\0'};
constexpr size_t kFlushAt = 256 * 1024;

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

template <class T>
T& view(std::vector<char>& record) {
  return *reinterpret_cast<T*>(record.data());
}

const Protocol* find_protocol(uint8_t id) {
  for (const Protocol& protocol : protocols()) {
    if (protocol.id == id) return &protocol;
  }
  return nullptr;
}

template <class T>
void drop_bytes(std::vector<char>& record) {
  record.resize(sizeof(T));
  view<T>(record).captured = 0;
  view<weft_event>(record).size = sizeof(T);
}

// Keeps the variables a replay names services by; the rest of an environment is private.
void redact_environment(std::vector<char>& record) {
  auto& exec = view<weft_ev_exec>(record);
  const size_t start = sizeof(weft_ev_exec) + exec.args_len;
  const std::string environment(record.data() + start, exec.env_len);
  std::string kept;
  for (size_t at = 0; at < environment.size();) {
    const std::string variable = environment.c_str() + at;
    if (variable.starts_with("OTEL_SERVICE_NAME=") ||
        variable.starts_with("OTEL_RESOURCE_ATTRIBUTES=")) {
      kept += variable + '\0';
    }
    at += variable.size() + 1;
  }
  record.resize(start);
  record.insert(record.end(), kept.begin(), kept.end());
  view<weft_ev_exec>(record).env_len = static_cast<uint16_t>(kept.size());
  view<weft_ev_exec>(record).h.size = static_cast<uint32_t>(record.size());
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::create(const std::string& path, bool unredacted,
                                                   EventSink& next, Describe describe) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return fail(ExitCode::kWriteFailed, "cannot write recording " + path + ": " +
                                            std::strerror(errno) + "; name a writable file");
  }
  return std::unique_ptr<Recorder>(
      new Recorder(path, std::move(file), unredacted, next, std::move(describe)));
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
  if (head.type == WEFT_EV_OPEN || head.type == WEFT_EV_FILE_IO || head.type == WEFT_EV_SITE) {
    introduce(head.pid);
  }
  if (head.type == WEFT_EV_EXEC) introduced_[head.pid] = true;
  if (head.type == WEFT_EV_EXIT) introduced_.erase(head.pid);
  const char* raw = reinterpret_cast<const char*>(event.head);
  std::vector<char> record(raw, raw + head.size);
  if (!unredacted_) redact(record);
  append(record.data(), record.size());
  ++events_;
  next_.push(event);
}

void Recorder::introduce(uint32_t pid) {
  if (introduced_.contains(pid) || !describe_) return;
  introduced_[pid] = true;
  std::vector<char> record = describe_(pid);
  if (record.empty()) return;
  if (!unredacted_) redact_environment(record);
  append(record.data(), record.size());
  ++events_;
}

void Recorder::redact(std::vector<char>& record) {
  switch (view<weft_event>(record).type) {
    case WEFT_EV_EXEC:
      redact_environment(record);
      break;
    case WEFT_EV_OPEN: {
      auto& open = view<weft_ev_open>(record);
      protocols_[open.conn] = find_protocol(open.protocol);
      open.sock = 0;
      break;
    }
    case WEFT_EV_DATA: {
      auto& data = view<weft_ev_data>(record);
      const auto known = protocols_.find(data.conn);
      const Protocol* protocol = known == protocols_.end() ? nullptr : known->second;
      if (protocol && protocol->redact) {
        protocol->redact(std::span(record).subspan(sizeof(weft_ev_data)));
      } else {
        drop_bytes<weft_ev_data>(record);
      }
      break;
    }
    case WEFT_EV_CLOSE: {
      const auto& close = view<weft_ev_close>(record);
      if (close.how & WEFT_CLOSE_GONE) protocols_.erase(close.conn);
      break;
    }
    case WEFT_EV_FILE:
      view<weft_ev_file>(record).key = {};
      break;
    case WEFT_EV_FILE_IO:
      drop_bytes<weft_ev_file_io>(record);
      break;
    case WEFT_EV_SITE: {
      record.resize(sizeof(weft_ev_site));
      auto& site = view<weft_ev_site>(record);
      site.h.size = sizeof site;
      site.text_len = 0;
      std::memset(site.text, 0, sizeof site.text);
      break;
    }
    default:
      break;
  }
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
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0) {
    return fail(ExitCode::kBadRecording,
                "cannot read recording " + path + ": " + std::strerror(errno));
  }
  Header header{};
  if (::read(file.get(), &header, sizeof header) != sizeof header ||
      std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    return fail(ExitCode::kBadRecording, path +
                                             " is not a weft recording (make one with "
                                             "`weft record FILE`)");
  }
  // Versions so far only added types of records.
  if (header.version == 0 || header.version > WEFT_ABI_VERSION) {
    return fail(ExitCode::kBadRecording,
                path + " has format version " + std::to_string(header.version) +
                    ", this weft reads up to " + std::to_string(WEFT_ABI_VERSION) +
                    ": replay it with the weft that made it");
  }
  Replay replay;
  replay.path_ = path;
  replay.clock_.offset = header.wall_offset;
  replay.redacted_ = header.flags & kRecordingRedacted;
  replay.size_ = static_cast<size_t>(status.st_size) - sizeof header;
  replay.words_.resize(padded(replay.size_) / 8);
  char* bytes = reinterpret_cast<char*>(replay.words_.data());
  for (size_t at = 0; at < replay.size_;) {
    const ssize_t n = ::read(file.get(), bytes + at, replay.size_ - at);
    if (n <= 0) {
      return fail(ExitCode::kBadRecording, "cannot read recording " + path + " to its end");
    }
    at += static_cast<size_t>(n);
  }
  return replay;
}

Result<uint64_t> Replay::run(EventSink& sink) const {
  const std::string_view all(reinterpret_cast<const char*>(words_.data()), size_);
  uint64_t events = 0;
  for (size_t at = 0; at < all.size(); ++events) {
    const std::string_view record = all.substr(at);
    if (!well_formed(record)) {
      return fail(ExitCode::kBadRecording, path_ + " is malformed at byte " +
                                               std::to_string(at + sizeof(Header)) +
                                               " (cut off, or not a recording)");
    }
    const auto* head = reinterpret_cast<const weft_event*>(record.data());
    sink.push(Event{head});
    at += padded(head->size);
  }
  return events;
}

}  // namespace weft::kernel
