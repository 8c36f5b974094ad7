// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/response.h"

#include <string>

#include "agent/base/semconv.h"

namespace weft::http_semantics {

void ResponseFacts::field(const Field& field, const Side& side) {
  if (side.capture) captured_.field(field, side.capture->response_headers, *side.capture);
}

void ResponseFacts::add_to(Outcome& outcome, const Side& side) {
  outcome.attributes.set(semconv::kHttpResponseStatusCode, status_);
  if (side.role == Role::kClient) {
    outcome.attributes.set(semconv::kNetworkProtocolVersion, version_);
  }
  captured_.move_to(outcome.attributes, "http.response.header.");
  const int least_error = side.role == Role::kClient ? 400 : 500;
  if (status_ >= least_error) set_failure(outcome, std::to_string(status_));
}

void set_failure(Outcome& outcome, std::string_view error_type) {
  if (error_type.empty() || outcome.error) return;
  outcome.error = true;
  outcome.error_type = error_type;
}

}  // namespace weft::http_semantics
