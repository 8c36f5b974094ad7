// SPDX-License-Identifier: Apache-2.0
#include "agent/disk_queue/disk_queue.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <sys/stat.h>

#include "agent/base/clock.h"

namespace weft::disk_queue {
namespace {

constexpr std::string_view kSuffix = ".segment";
constexpr uint64_t kSecond = 1'000'000'000;
// A file that has been read to its end is replaced once it has this size, not only when it is full.
constexpr uint64_t kWorthRemoving = 256u << 10;

// "0000000012.segment" → 12.
std::optional<uint32_t> number_of(const std::string& name) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() - kSuffix.size()) return {};
  return name.ends_with(kSuffix) ? std::optional(number) : std::nullopt;
}

std::vector<uint32_t> numbers_in(const std::string& directory) {
  std::vector<uint32_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (const auto number = number_of(entry.path().filename())) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

Status make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(ExitCode::kWriteFailed, path + ": " + error.message());
  chmod(path.c_str(), 0700);  // spans may contain what other users must not read
  return {};
}

}  // namespace

DiskQueue::DiskQueue(Options options, std::string_view format, OnLost on_lost)
    : options_(std::move(options)), format_(format), on_lost_(std::move(on_lost)) {}

Result<std::unique_ptr<DiskQueue>> DiskQueue::open(Options options, std::string_view format,
                                                   OnLost on_lost) {
  if (!options.now) options.now = unix_ns;
  std::unique_ptr<DiskQueue> queue(new DiskQueue(std::move(options), format, std::move(on_lost)));
  if (Status status = queue->load(); !status) return std::unexpected(status.error());
  return queue;
}

Status DiskQueue::load() {
  if (Status status = make_directory(options_.directory); !status) return status;
  auto ledger = Ledger::open(options_.directory + "/ledger");
  if (!ledger) return std::unexpected(ledger.error());
  ledger_ = std::move(*ledger);
  load_files();
  const uint64_t stored = settle_accounts();
  if (back_ && back_->format() == format_ && back_->spans_upto() == stored) return {};
  return begin_file(stored);
}

void DiskQueue::load_files() {
  for (const uint32_t number : numbers_in(options_.directory)) {
    auto segment = Segment::open(path_of(number));
    if (!segment) {  // its lost spans are counted at the next file's header, or by the ledger
      std::filesystem::remove(path_of(number));
      continue;
    }
    back_ = std::move(*segment);
    files_.push_back({number, back_->spans_before(), back_->size()});
    bytes_ += back_->size();
  }
  if (back_) {
    back_->find_end();
    bytes_ -= files_.back().bytes - back_->size();
    files_.back().bytes = back_->size();
  }
}

// Counts what the previous process lost with its memory, and restores the read position. Returns
// the number of spans ever stored.
uint64_t DiskQueue::settle_accounts() {
  auto& counts = ledger_->counts();
  const uint64_t upto = back_ ? back_->spans_upto() : 0;
  if (ledger_->fresh() && back_) {
    counts.read_upto = files_.front().spans_before;
    counts.accepted = upto;
  }
  const uint64_t stored = std::max<uint64_t>(upto, counts.read_upto);
  const uint64_t known = stored + counts.dropped;
  if (counts.accepted > known) {
    on_lost_("killed", counts.accepted - known);
    counts.dropped += counts.accepted - known;
  }
  counts.accepted = stored + counts.dropped;
  return stored;
}

std::string DiskQueue::path_of(uint32_t number) const {
  std::string name = std::to_string(number);
  name.insert(0, 10 - std::min<size_t>(10, name.size()), '0');
  return options_.directory + "/" + name + std::string(kSuffix);
}

Status DiskQueue::begin_file(uint64_t spans_before) {
  const uint32_t number = files_.empty() ? 1 : files_.back().number + 1;
  auto segment = Segment::create(path_of(number), spans_before, format_);
  if (!segment) return std::unexpected(segment.error());
  if (back_) files_.back().bytes = back_->size();
  back_ = std::move(*segment);
  files_.push_back({number, spans_before, back_->size()});
  bytes_ += back_->size();
  return {};
}

Status DiskQueue::append(const Parcel& parcel) {
  const std::lock_guard lock(mutex_);
  if (bytes_ + parcel.bytes.size() > options_.max_bytes) {
    return fail(ExitCode::kWriteFailed, "disk queue " + options_.directory + " is full");
  }
  if (back_->size() >= options_.segment_bytes) {
    if (Status status = begin_file(back_->spans_upto()); !status) return status;
  }
  const uint64_t before = back_->size();
  if (Status status = back_->append(parcel, options_.now()); !status) return status;
  bytes_ += back_->size() - before;
  dirty_ = true;
  sync_if_due();
  return {};
}

std::optional<StoredParcel> DiskQueue::front() {
  const std::lock_guard lock(mutex_);
  while (auto stored = read_front()) {
    const std::string_view cause = cause_to_drop(*stored);
    if (cause.empty()) return stored;
    on_lost_(cause, stored->parcel.spans);
    settle(*stored);
  }
  return std::nullopt;
}

// The next unsettled record, whatever its age and format.
std::optional<StoredParcel> DiskQueue::read_front() {
  auto& counts = ledger_->counts();
  for (;;) {
    open_front();
    next_ = offset_;
    auto stored = front_->read(next_);
    if (stored && stored->upto > counts.read_upto) return stored;
    if (stored) {
      offset_ = next_;
    } else if (!leave_front()) {
      return std::nullopt;
    }
  }
}

// Moves on from the front file, whose records are all read or unreadable. False: there is no other
// file, and nothing to read.
bool DiskQueue::leave_front() {
  if (files_.size() == 1) {
    const bool damaged = offset_ < back_->size();
    if (!damaged || !begin_file(back_->spans_upto())) return false;
  }
  end_front_file();
  return true;
}

void DiskQueue::open_front() {
  while (!front_ && files_.size() > 1) {
    auto segment = Segment::open(path_of(files_.front().number));
    if (segment) {
      front_ = std::move(*segment);
      offset_ = front_->begin();
    } else {
      end_front_file();
    }
  }
  if (front_) return;
  front_ = back_;
  offset_ = front_->begin();
}

// Ends the front file: the next file's header shows how many spans are missing.
void DiskQueue::end_front_file() {
  auto& counts = ledger_->counts();
  const uint64_t next_begins = files_[1].spans_before;
  if (next_begins > counts.read_upto) {
    on_lost_("damaged", next_begins - counts.read_upto);
    counts.read_upto = next_begins;
  }
  std::error_code ignored;
  std::filesystem::remove(path_of(files_.front().number), ignored);
  bytes_ -= files_.front().bytes;
  files_.pop_front();
  front_.reset();
}

std::string_view DiskQueue::cause_to_drop(const StoredParcel& stored) const {
  const auto max_age = static_cast<uint64_t>(options_.max_age.count()) * kSecond;
  if (stored.time + max_age < options_.now()) return "expired";
  return front_->format() == format_ ? "" : "other_format";
}

void DiskQueue::pop(const StoredParcel& stored) {
  const std::lock_guard lock(mutex_);
  settle(stored);
  const bool at_end = files_.size() == 1 && offset_ == back_->size();
  if (at_end && back_->size() >= kWorthRemoving && begin_file(back_->spans_upto())) {
    end_front_file();
  }
}

void DiskQueue::settle(const StoredParcel& stored) {
  ledger_->counts().read_upto = stored.upto;
  offset_ = next_;
}

void DiskQueue::tick() {
  const std::lock_guard lock(mutex_);
  sync_if_due();
}

void DiskQueue::sync_if_due() {
  if (!dirty_ || options_.sync == DiskSync::kNever) return;
  const uint64_t now = options_.now();
  if (options_.sync == DiskSync::kSecond && now < synced_at_ + kSecond) return;
  dirty_ = !back_->sync();
  synced_at_ = now;
}

DiskQueue::Backlog DiskQueue::backlog() const {
  const std::lock_guard lock(mutex_);
  return {.spans = back_->spans_upto() - ledger_->counts().read_upto, .bytes = bytes_};
}

}  // namespace weft::disk_queue
