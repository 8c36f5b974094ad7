// SPDX-License-Identifier: Apache-2.0
// When and by which thread a storage operation was done, from its record.
#pragma once

#include "agent/port/exchange.h"
#include "bpf/abi/weft_event.h"

namespace weft::storage {

// Event: a record with current_exchange, task and flags.
template <class Event>
Stamp stamp_of(const Event& event) {
  return {.time = event.h.time,
          .tid = event.h.tid,
          .exchange_id = 0,
          .current_exchange = event.current_exchange,
          .flags = static_cast<uint8_t>(event.flags & WEFT_DATA_NO_SLEEP),
          .pid = event.h.pid,
          .task = event.task};
}

}  // namespace weft::storage
