// SPDX-License-Identifier: Apache-2.0
// A UDP socket to the X-Ray daemon.
#pragma once

#include <string>
#include <string_view>

#include "agent/base/fd.h"
#include "exporters/xray/address.h"

namespace weft::xray {

// One thread. The name is resolved when the socket is opened, at the first datagram and after every
// error, so that a daemon that has moved is found.
class Daemon {
 public:
  explicit Daemon(DaemonAddress address) : address_(std::move(address)) {}

  // Sends one datagram. There is no acknowledgement; that nothing listens is learnt from an ICMP
  // error, mostly at the next datagram, which is then not sent. Error kUnreachable, with the
  // address and the reason.
  Status send(std::string_view datagram);
  // Whether such an error has arrived since; returned as the same error.
  Status check();

 private:
  Status open();
  Status failed(const char* reason);

  const DaemonAddress address_;
  Fd socket_;
};

}  // namespace weft::xray
