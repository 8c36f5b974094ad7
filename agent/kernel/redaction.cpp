// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/redaction.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "agent/discover/exec_facts.h"
#include "bpf/abi/weft_preamble.h"

namespace weft::kernel {
namespace {

template <class T>
T& view(std::vector<char>& record) {
  return *reinterpret_cast<T*>(record.data());
}

// Keeps only n bytes after the record's struct.
template <class T>
T& keep_tail(std::vector<char>& record, size_t n) {
  record.resize(sizeof(T) + n);
  view<weft_event>(record).size = static_cast<uint32_t>(sizeof(T) + n);
  return view<T>(record);
}

template <class T>
T& drop_tail(std::vector<char>& record) {
  return keep_tail<T>(record, 0);
}

template <size_t N>
void zero(unsigned char (&padding)[N]) {
  std::memset(padding, 0, N);
}

// The kernel copies a text up to its NUL; the bytes after it are from an earlier record.
template <size_t N>
void end_clean(char (&text)[N]) {
  const size_t used = strnlen(text, N);
  std::memset(text + used, 0, N - used);
}

// True if the preamble contains only addresses, which the record itself has too. Anything else
// between a proxy's words may be secret.
bool holds_addresses_alone(std::string_view preamble) {
  constexpr std::string_view kLine = "PROXY TCP";
  if (preamble.starts_with(kLine)) {
    preamble.remove_prefix(kLine.size());
    return preamble.find_first_not_of("0123456789abcdefABCDEF:. \r\n") == preamble.npos;
  }
  weft_preamble read{};
  const auto* bytes = reinterpret_cast<const unsigned char*>(preamble.data());
  const auto size = static_cast<unsigned>(preamble.size());
  return !preamble.starts_with('P') && size > WEFT_PREAMBLE_HEADER &&
         weft_preamble_read(bytes, size, &read) == WEFT_PREAMBLE_WHOLE && read.wanted == size;
}

weft_ev_open& opening(std::vector<char>& record) {
  const std::string_view preamble = Event{&view<weft_event>(record)}.tail<weft_ev_open>();
  auto& open =
      keep_tail<weft_ev_open>(record, holds_addresses_alone(preamble) ? preamble.size() : 0);
  open.sock = 0;
  open.preamble_len = static_cast<uint8_t>(record.size() - sizeof open);
  return open;
}

void exec(std::vector<char>& record) {
  record = redacted_exec(Event{&view<weft_event>(record)});
  end_clean(view<weft_ev_exec>(record).comm);
  end_clean(view<weft_ev_exec>(record).path);
}

void file(weft_ev_file& file) {
  file.key = {};
  zero(file.pad);
  end_clean(file.name);
  for (auto& folder : file.folders) end_clean(folder);
}

void file_io(weft_ev_file_io& io) {
  io.captured = 0;
  zero(io.pad);
}

void rename(weft_ev_rename& rename) {
  end_clean(rename.from);
  end_clean(rename.to);
}

void probe(weft_ev_probe& probe) {
  probe.text_len = 0;
  std::memset(probe.text, 0, sizeof probe.text);
}

}  // namespace

bool Redaction::apply(std::vector<char>& record) {
  switch (view<weft_event>(record).type) {
    case WEFT_EV_EXEC:
      exec(record);
      return true;
    case WEFT_EV_FORK:
    case WEFT_EV_EXIT:
    case WEFT_EV_CONTEXT:
      return true;
    case WEFT_EV_OPEN: {
      const weft_ev_open& open = opening(record);
      protocols_[open.conn] = protocol_with(open.protocol);
      return true;
    }
    case WEFT_EV_DATA:
      data(record);
      return true;
    case WEFT_EV_CLOSE: {
      const auto& close = drop_tail<weft_ev_close>(record);
      if (close.how & WEFT_CLOSE_GONE) protocols_.erase(close.conn);
      return true;
    }
    case WEFT_EV_FILE:
      file(drop_tail<weft_ev_file>(record));
      return true;
    case WEFT_EV_FILE_IO:
      file_io(drop_tail<weft_ev_file_io>(record));
      return true;
    case WEFT_EV_RENAME:
      rename(drop_tail<weft_ev_rename>(record));
      return true;
    case WEFT_EV_PROBE:
      probe(drop_tail<weft_ev_probe>(record));
      return true;
    default:
      return false;  // unknown content
  }
}

void Redaction::data(std::vector<char>& record) const {
  const auto known = protocols_.find(view<weft_ev_data>(record).conn);
  const Protocol* protocol = known == protocols_.end() ? nullptr : known->second;
  if (!protocol || !protocol->redact) {
    drop_tail<weft_ev_data>(record).captured = 0;
    return;
  }
  auto& data = view<weft_ev_data>(record);
  data.h.size = static_cast<uint32_t>(sizeof data + data.captured);
  record.resize(data.h.size);
  protocol->redact(std::span(record).subspan(sizeof(weft_ev_data)));
}

}  // namespace weft::kernel
