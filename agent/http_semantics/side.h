// SPDX-License-Identifier: Apache-2.0
// What the facts of a request and of its response share: which end of the connection this is, and
// which headers the user wants to see.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/attribute.h"
#include "agent/http_semantics/field.h"
#include "agent/port/protocol.h"

namespace weft::http_semantics {

// The session options that are used; only these are kept, because connections are many.
struct Side {
  explicit Side(const SessionOptions& options);

  const std::vector<std::string>* sensitive_keys() const {
    return capture ? &capture->sensitive_query_keys : nullptr;
  }

  Role role;
  bool encrypted;
  uint16_t local_port;
  uint16_t remote_port;
  std::string remote_address;
  std::shared_ptr<const CaptureOptions> capture;  // may be null
};

// Headers on the user's lists, in the order of the wire.
class CapturedHeaders {
 public:
  // Keeps the field if `wanted` names it. Credentials, by name or in a URL, are redacted even then.
  void field(const Field& field, const std::vector<std::string>& wanted,
             const CaptureOptions& options) {
    if (!wanted.empty()) keep(field, wanted, options);
  }
  // Moves them to attributes named prefix + header.
  void move_to(Attributes& attributes, std::string_view prefix);

 private:
  void keep(const Field& field, const std::vector<std::string>& wanted,
            const CaptureOptions& options);
  void add(const std::string& name, std::string value);

  std::vector<std::pair<std::string, std::vector<std::string>>> headers_;
};

}  // namespace weft::http_semantics
