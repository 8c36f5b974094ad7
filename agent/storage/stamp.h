// SPDX-License-Identifier: Apache-2.0
// When and by which thread a storage operation was done, from its record.
#pragma once

#include "agent/port/exchange.h"
#include "bpf/abi/weft_event.h"

namespace weft::storage {

inline Stamp stamp_of(const weft_event& head, uint64_t current_exchange, uint8_t flags) {
  return {.time = head.time,
          .tid = head.tid,
          .exchange_id = 0,
          .current_exchange = current_exchange,
          .flags = static_cast<uint8_t>(flags & WEFT_DATA_NO_SLEEP),
          .pid = head.pid};
}

}  // namespace weft::storage
