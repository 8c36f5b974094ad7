// SPDX-License-Identifier: Apache-2.0
// How many channels one connection is subscribed to, by the server's confirmations:
//
//   [ "subscribe", channel, channels and patterns ]   [ "ssubscribe", channel, shard channels ]
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::protocol::redis {

// First elements of what a server sends without a request.
bool is_message(std::string_view word);
bool is_confirmation(std::string_view word);

class Channels {
 public:
  // A confirmation came; `total` is its last element. Returns how many of its kind are left.
  int64_t confirm(std::string_view word, int64_t total);
  bool any() const { return channels_ > 0 || patterns_ > 0 || shards_ > 0; }

 private:
  int64_t channels_ = 0;
  int64_t patterns_ = 0;
  int64_t shards_ = 0;
};

}  // namespace weft::protocol::redis
