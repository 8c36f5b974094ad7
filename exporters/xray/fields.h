// SPDX-License-Identifier: Apache-2.0
// A span's attributes, by the fields that X-Ray's segment document has for them.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "agent/span/span.h"

namespace weft::xray {

enum class Field : uint8_t {
  kNone,
  kMethod,
  kUrl,
  kUrlScheme,
  kUrlPath,
  kUrlQuery,
  kUserAgent,
  kStatus,
  kBodySize,
  kClientAddress,
  kServerAddress,
  kServerPort,
  kPeerAddress,
  kPeerService,
  kDbSystem,
  kDbNamespace,
  kDbQuery,
  kDbUser,
  kRpcSystem,
  kRpcService,
  kRpcMethod,
  kUser,
  kErrorType,
  kAwsRegion,
  kAwsRequestId,
  kAwsQueueUrl,
  kCount,
};

// In a brief document longer texts get no field.
inline constexpr size_t kBriefText = 256;

// Refers to one span's attributes and is valid as long as they are. Call read() for each span;
// memory is reused. One thread.
class Fields {
 public:
  // Texts longer than max_text get no field.
  void read(const Attributes& attributes, size_t max_text);

  // The attribute's text; "" if absent, too long or not text.
  std::string_view text(Field field) const;
  // Null: absent or not an integer.
  const int64_t* number(Field field) const;

  // Marks an attribute as shown by a field of the document, so that the metadata need not repeat
  // it.
  void tell(Field field);
  void tell(size_t index) { told_[index] = true; }
  bool is_told(size_t index) const { return told_[index]; }

 private:
  const Value* find(Field field) const;

  const Attributes* attributes_ = nullptr;
  size_t max_text_ = 0;
  std::array<uint16_t, static_cast<size_t>(Field::kCount)> index_{};  // + 1; 0: absent
  std::vector<bool> told_;
};

// Whether the database speaks SQL, by its db.system.name.
bool is_sql(std::string_view system);

}  // namespace weft::xray
