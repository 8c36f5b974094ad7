// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/order.h"

#include <algorithm>
#include <cstring>

namespace weft::kernel {
namespace {

template <class T>
const T& view(std::string_view record) {
  return *reinterpret_cast<const T*>(record.data());
}

// Bytes the record must have in total; SIZE_MAX if even the fixed struct is truncated.
template <class T, class Tail>
size_t needed(std::string_view record, Tail tail) {
  return record.size() < sizeof(T) ? SIZE_MAX : sizeof(T) + tail(view<T>(record));
}

size_t needed_size(std::string_view record) {
  const auto none = [](const auto&) { return size_t{0}; };
  switch (view<weft_event>(record).type) {
    case WEFT_EV_EXEC:
      return needed<weft_ev_exec>(
          record, [](const weft_ev_exec& e) { return size_t{e.args_len} + e.env_len; });
    case WEFT_EV_FORK:
      return needed<weft_ev_fork>(record, none);
    case WEFT_EV_EXIT:
      return needed<weft_event>(record, none);
    case WEFT_EV_OPEN:
      return needed<weft_ev_open>(record,
                                  [](const weft_ev_open& e) { return size_t{e.preamble_len}; });
    case WEFT_EV_DATA:
      return needed<weft_ev_data>(record, [](const weft_ev_data& e) { return size_t{e.captured}; });
    case WEFT_EV_CONTEXT:
      return needed<weft_ev_context>(record, none);
    case WEFT_EV_CLOSE:
      return needed<weft_ev_close>(record, none);
    case WEFT_EV_FILE:
      return needed<weft_ev_file>(record, none);
    case WEFT_EV_FILE_IO:
      return needed<weft_ev_file_io>(record,
                                     [](const weft_ev_file_io& e) { return size_t{e.captured}; });
    case WEFT_EV_RENAME:
      return needed<weft_ev_rename>(record, none);
    case WEFT_EV_PROBE:
      return needed<weft_ev_probe>(record, [](const weft_ev_probe& e) {
        return size_t{std::max<uint16_t>(e.text_len, sizeof e.text)} - sizeof e.text;
      });
    default:
      return SIZE_MAX;
  }
}

uint64_t rank_of(const weft_event& head) {
  return head.time * 2 + (head.type == WEFT_EV_DATA);
}

}  // namespace

bool well_formed(std::string_view record) {
  if (record.size() < sizeof(weft_event)) return false;
  const uint32_t size = view<weft_event>(record).size;
  if (size < sizeof(weft_event) || size > record.size()) return false;
  const std::string_view whole = record.substr(0, size);
  if (needed_size(whole) != size) return false;
  if (view<weft_event>(whole).type == WEFT_EV_FILE_IO) {
    const auto& io = view<weft_ev_file_io>(whole);
    return io.captured <= WEFT_ENTRY_MAX && io.op >= WEFT_FILE_OPEN && io.op <= WEFT_FILE_MAP;
  }
  if (view<weft_event>(whole).type == WEFT_EV_PROBE) {
    return view<weft_ev_probe>(whole).text_len < WEFT_PROBE_LONG_TEXT;
  }
  if (view<weft_event>(whole).type != WEFT_EV_DATA) return true;
  const auto& data = view<weft_ev_data>(whole);
  return data.captured <= data.len && data.captured <= WEFT_DATA_MAX && data.dir <= WEFT_DIR_TX;
}

Order::Order(EventSink& sink, CounterSet& counters)
    : sink_(sink),
      late_(counters.get("weft.events.late")),
      malformed_(counters.get("weft.events.dropped", {{"cause", "malformed"}})) {}

void Order::add(std::string_view record) {
  if (!well_formed(record)) {
    malformed_.add();
    return;
  }
  const auto& head = view<weft_event>(record);
  const size_t offset = bytes_.size();
  bytes_.resize(offset + ((head.size + 7) & ~size_t{7}));
  std::memcpy(bytes_.data() + offset, record.data(), head.size);
  entries_.push_back({rank_of(head), static_cast<uint32_t>(offset), head.size});
}

size_t Order::release(uint64_t horizon) {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.rank < b.rank; });
  size_t n = 0;
  for (; n < entries_.size() && entries_[n].rank / 2 < horizon; ++n) {
    if (entries_[n].rank / 2 < released_) late_.add();
    sink_.push(Event{reinterpret_cast<const weft_event*>(bytes_.data() + entries_[n].offset)});
  }
  released_ = std::max(released_, horizon);
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(n));
  compact();
  return n;
}

// What remains covers about a millisecond: copying it is cheaper than a ring of slabs.
void Order::compact() {
  if (entries_.empty()) {
    bytes_.clear();
    return;
  }
  std::vector<char> kept;
  for (Entry& entry : entries_) {
    const size_t offset = kept.size();
    kept.resize(offset + ((entry.size + 7) & ~size_t{7}));
    std::memcpy(kept.data() + offset, bytes_.data() + entry.offset, entry.size);
    entry.offset = static_cast<uint32_t>(offset);
  }
  bytes_.swap(kept);
}

}  // namespace weft::kernel
