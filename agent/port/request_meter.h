// SPDX-License-Identifier: Apache-2.0
// Receives a measurement of every request, whether its trace is kept or not.
#pragma once

#include <cstdint>

#include "agent/base/attribute.h"
#include "agent/port/exchange.h"
#include "bpf/abi/weft_left_out.h"

namespace weft {

struct RequestSample {
  uint32_t pid;                // of the traced process
  const Attributes* resource;  // its, valid during the call
  uint16_t port;               // the server's; 0: Unix socket
  uint8_t protocol;            // id
  Role role;                   // of the process
  weft_status status;
  uint64_t duration;  // ns, from the request's first byte to the response's last one
};

class RequestMeter {
 public:
  virtual ~RequestMeter() = default;
  virtual void request(const RequestSample& sample) = 0;
};

}  // namespace weft
