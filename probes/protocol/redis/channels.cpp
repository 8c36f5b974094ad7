// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/channels.h"

#include <algorithm>

namespace weft::protocol::redis {

bool is_message(std::string_view word) {
  return word == "message" || word == "pmessage" || word == "smessage";
}

bool is_confirmation(std::string_view word) {
  return word == "subscribe" || word == "unsubscribe" || word == "psubscribe" ||
         word == "punsubscribe" || word == "ssubscribe" || word == "sunsubscribe";
}

int64_t Channels::confirm(std::string_view word, int64_t total) {
  total = std::clamp<int64_t>(total, 0, INT32_MAX);
  if (word.starts_with("ss") || word.starts_with("sun")) {
    shards_ = total;
    return shards_;
  }
  const bool pattern = word.starts_with("p");
  int64_t& kind = pattern ? patterns_ : channels_;
  kind = std::max<int64_t>(total - (pattern ? channels_ : patterns_), 0);
  return kind;
}

}  // namespace weft::protocol::redis
