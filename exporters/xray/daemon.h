// SPDX-License-Identifier: Apache-2.0
// The way to the X-Ray daemon: a UDP socket.
#pragma once

#include <string>
#include <string_view>

#include "agent/base/fd.h"
#include "exporters/xray/address.h"

namespace weft::xray {

// One thread. The name is looked up when the socket is opened: at the first datagram and
// after every error, so that a daemon that has moved is found.
class Daemon {
 public:
  explicit Daemon(DaemonAddress address) : address_(std::move(address)) {}

  // Puts one datagram on its way. Nobody acknowledges it; that nobody listens is learnt from
  // the reply of the daemon's host, mostly with the next datagram, which is then not sent.
  // Error kUnreachable, with the address and the reason.
  Status send(std::string_view datagram);
  // Whether such a reply has come since. The same error.
  Status check();

 private:
  Status open();
  Status failed(const char* reason);

  const DaemonAddress address_;
  Fd socket_;
};

}  // namespace weft::xray
