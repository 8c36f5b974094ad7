// SPDX-License-Identifier: Apache-2.0
// Whose doing a record of storage is.
#pragma once

#include "agent/port/exchange.h"
#include "bpf/abi/weft_event.h"

namespace weft::storage {

inline Stamp stamp_of(const weft_event& head, uint64_t task_xid, uint8_t flags) {
  return {.time = head.time,
          .tid = head.tid,
          .xid = 0,
          .task_xid = task_xid,
          .flags = static_cast<uint8_t>(flags & WEFT_DATA_UNBROKEN),
          .pid = head.pid};
}

}  // namespace weft::storage
