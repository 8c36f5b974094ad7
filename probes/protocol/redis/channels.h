// SPDX-License-Identifier: Apache-2.0
// What one connection is subscribed to, by the confirmations the server sends:
//
//   [ "subscribe", channel, channels and patterns ]   [ "ssubscribe", channel, shard channels ]
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::protocol::redis {

// First elements of what a server says of its own accord.
bool is_message(std::string_view word);
bool is_confirmation(std::string_view word);

class Channels {
 public:
  // A confirmation came; `total` is its last element. How many of its kind are left.
  int64_t confirm(std::string_view word, int64_t total);
  bool any() const { return channels_ > 0 || patterns_ > 0 || shards_ > 0; }

 private:
  int64_t channels_ = 0;
  int64_t patterns_ = 0;
  int64_t shards_ = 0;
};

}  // namespace weft::protocol::redis
