// SPDX-License-Identifier: Apache-2.0
// From a response's head to span data; the rules are in agent/http_semantics/request.h.
#pragma once

#include <string_view>

#include "agent/http_semantics/side.h"

namespace weft::http_semantics {

// Collects one response's head.
class ResponseFacts {
 public:
  // status: its code, 100 to 999. version: "1.1", "2"; static storage.
  ResponseFacts(int status, std::string_view version) : status_(status), version_(version) {}

  int status() const { return status_; }
  void field(const Field& field, const Side& side);
  // Moves the facts to the outcome and sets the span status by the status code.
  void add_to(Outcome& outcome, const Side& side);

 private:
  int status_;
  std::string_view version_;
  CapturedHeaders captured_;
};

// Sets status Error for another reason than the response's status code; empty: does nothing.
void set_failure(Outcome& outcome, std::string_view error_type);

}  // namespace weft::http_semantics
