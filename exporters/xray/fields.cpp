// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/fields.h"

#include <algorithm>
#include <limits>

namespace weft::xray {
namespace {

struct Name {
  std::string_view key;
  Field field;
};

constexpr size_t kLongest = 25;

constexpr auto kNames = [] {
  std::array names{
      Name{"http.request.method", Field::kMethod},
      Name{"url.full", Field::kUrl},
      Name{"url.scheme", Field::kUrlScheme},
      Name{"url.path", Field::kUrlPath},
      Name{"url.query", Field::kUrlQuery},
      Name{"user_agent.original", Field::kUserAgent},
      Name{"http.response.status_code", Field::kStatus},
      Name{"http.response.body.size", Field::kBodySize},
      Name{"client.address", Field::kClientAddress},
      Name{"server.address", Field::kServerAddress},
      Name{"server.port", Field::kServerPort},
      Name{"network.peer.address", Field::kPeerAddress},
      Name{"peer.service", Field::kPeerService},
      Name{"service.peer.name", Field::kPeerService},
      Name{"db.system.name", Field::kDbSystem},
      Name{"db.namespace", Field::kDbNamespace},
      Name{"db.query.text", Field::kDbQuery},
      Name{"db.user", Field::kDbUser},
      Name{"rpc.system", Field::kRpcSystem},
      Name{"rpc.system.name", Field::kRpcSystem},
      Name{"rpc.service", Field::kRpcService},
      Name{"rpc.method", Field::kRpcMethod},
      Name{"user.id", Field::kUser},
      Name{"enduser.id", Field::kUser},
      Name{"error.type", Field::kErrorType},
      Name{"cloud.region", Field::kAwsRegion},
      Name{"aws.request_id", Field::kAwsRequestId},
      Name{"aws.sqs.queue.url", Field::kAwsQueueUrl},
  };
  std::ranges::sort(names, {}, [](const Name& name) { return name.key.size(); });
  return names;
}();

// Where the names of each length begin in kNames: few have the same length, so a lookup compares
// one or two texts.
constexpr auto kStarts = [] {
  std::array<uint8_t, kLongest + 2> starts{};
  for (size_t length = 0; length < starts.size(); ++length) {
    starts[length] = static_cast<uint8_t>(
        std::ranges::count_if(kNames, [&](const Name& name) { return name.key.size() < length; }));
  }
  return starts;
}();
static_assert(kNames.back().key.size() == kLongest);

Field field_of(std::string_view key) {
  if (key.size() > kLongest) return Field::kNone;
  for (size_t i = kStarts[key.size()]; i < kStarts[key.size() + 1]; ++i) {
    if (kNames[i].key == key) return kNames[i].field;
  }
  return Field::kNone;
}

}  // namespace

void Fields::read(const Attributes& attributes, size_t max_text) {
  attributes_ = &attributes;
  max_text_ = max_text;
  index_.fill(0);
  told_.assign(attributes.size(), false);
  uint16_t index = 0;
  for (const Attribute& attribute : attributes) {
    if (++index == std::numeric_limits<uint16_t>::max()) return;
    uint16_t& slot = index_[static_cast<size_t>(field_of(attribute.key.text()))];
    if (slot == 0) slot = index;
  }
  index_[static_cast<size_t>(Field::kNone)] = 0;
}

const Value* Fields::find(Field field) const {
  const uint16_t index = index_[static_cast<size_t>(field)];
  return index == 0 ? nullptr : &(attributes_->begin() + (index - 1))->value;
}

std::string_view Fields::text(Field field) const {
  const Value* value = find(field);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  return text && text->size() <= max_text_ ? std::string_view(*text) : std::string_view();
}

const int64_t* Fields::number(Field field) const {
  const Value* value = find(field);
  return value ? std::get_if<int64_t>(value) : nullptr;
}

void Fields::tell(Field field) {
  if (const uint16_t index = index_[static_cast<size_t>(field)]; index != 0)
    told_[index - 1] = true;
}

bool is_sql(std::string_view system) {
  static constexpr std::string_view kSql[] = {
      "postgresql", "mysql",       "mariadb",    "microsoft.sql_server", "oracle.db", "ibm.db2",
      "sqlite",     "cockroachdb", "clickhouse", "h2database",           "sap.hana",  "hsqldb",
      "derby",      "firebirdsql", "trino",      "aws.redshift",         "teradata",  "other_sql",
  };
  return std::ranges::find(kSql, system) != std::end(kSql);
}

}  // namespace weft::xray
