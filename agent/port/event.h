// SPDX-License-Identifier: Apache-2.0
// An event as the pipeline sees it: a view of one record of bpf/abi, live or replayed.
#pragma once

#include <cstddef>
#include <string_view>

#include "agent/port/sink.h"
#include "bpf/abi/weft_event.h"

namespace weft {

// Borrowed: valid until push() returns. Whoever makes an Event has checked the record's size
// against its type, and `size` and `captured` against the bytes present.
struct Event {
  const weft_event* head;

  template <class T>
  const T& as() const {
    return *reinterpret_cast<const T*>(head);
  }
  // Bytes after the fixed struct T.
  template <class T>
  std::string_view tail() const {
    return {reinterpret_cast<const char*>(head) + sizeof(T), head->size - sizeof(T)};
  }
};

using EventSink = Sink<const Event&>;

}  // namespace weft
