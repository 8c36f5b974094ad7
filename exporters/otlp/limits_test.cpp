// SPDX-License-Identifier: Apache-2.0
// Requests within a server's limits, and signed requests. tests/backends/sigv4_check.py checks the
// signatures themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <thread>

#include "exporters/otlp/otlp_exporter.h"
#include "exporters/otlp/test_support.h"

namespace weft::otlp {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

OtlpExporter limited(const OtlpExporter::Limits& limits) {
  auto client = http::HttpClient::make({.url = "http://127.0.0.1:1/v1/traces"});
  return OtlpExporter({.limits = limits}, std::move(*client));
}

std::vector<SpanPtr> spans(int count) {
  const ResourcePtr shop = sample_resource("shop");
  std::vector<SpanPtr> batch;
  for (int i = 0; i < count; ++i) batch.push_back(plain_span(shop, "span " + std::to_string(i)));
  return batch;
}

TEST(OtlpLimits, ABatchOfTooManySpansIsSeveralRequests) {
  auto exporter = limited({.spans = 10});
  const auto packed = exporter.pack(spans(35));
  EXPECT_EQ(packed.refused, 0u);
  uint64_t total = 0;
  for (const Parcel& parcel : packed.parcels) {
    EXPECT_LE(parcel.spans, 10u);
    EXPECT_EQ(spans_in(parcel.bytes), static_cast<int>(parcel.spans));
    total += parcel.spans;
  }
  EXPECT_EQ(total, 35u);
}

TEST(OtlpLimits, ABatchOfTooManyBytesIsSeveralRequests) {
  auto exporter = limited({.request = 2000});
  const auto packed = exporter.pack(spans(100));
  uint64_t total = 0;
  for (const Parcel& parcel : packed.parcels) {
    EXPECT_LE(parcel.bytes.size(), 2000u);
    total += parcel.spans;
  }
  EXPECT_EQ(total, 100u);
}

TEST(OtlpLimits, OneSpanTooLargeDoesNotTakeTheOthersWithIt) {
  auto exporter = limited({.span = 1000});
  auto batch = spans(2);
  const auto huge = plain_span(sample_resource("shop"), "huge");
  huge->attributes.set("text", std::string(1000, 'x'));
  batch.insert(batch.begin() + 1, huge);
  const auto packed = exporter.pack(batch);
  EXPECT_EQ(packed.refused, 1u);
  EXPECT_EQ(packed.message, "1 spans are larger than the server takes (1000 bytes)");
  ASSERT_EQ(packed.parcels.size(), 1u);
  EXPECT_EQ(packed.parcels[0].spans, 2u);
}

ExporterSettings signed_settings() {
  return {.values = {{"sigv4.region", "eu-west-1"},
                     {"sigv4.access_key_id", "AKIDEXAMPLE"},
                     {"sigv4.secret_access_key", "s3cret:with/+"},
                     {"sigv4.session_token", "t0ken"}}};
}

TEST(OtlpSigned, RequestsCarryScopeAndToken) {
  httplib::Server server;
  httplib::Request seen;
  server.Post("/v1/traces", [&](const auto& request, auto&) { seen = request; });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
  auto settings = signed_settings();
  settings.values["endpoint"] = "http://127.0.0.1:" + std::to_string(port) + "/v1/traces";
  EXPECT_EQ(send(**make("otlp_http", settings)).kind, Delivery::Kind::kDelivered);
  server.stop();
  thread.join();
  const std::string authorization = seen.get_header_value("Authorization");
  EXPECT_THAT(authorization, StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
  EXPECT_THAT(authorization, HasSubstr("/eu-west-1/xray/aws4_request"));
  EXPECT_EQ(seen.get_header_value("X-Amz-Security-Token"), "t0ken");
  EXPECT_EQ(spans_in(seen.body), 3);
}

TEST(OtlpSigned, WithoutCredentialsItSaysWhereTheyComeFrom) {
  auto settings = signed_settings();
  settings.values.erase("sigv4.secret_access_key");
  const auto made = make("otlp_http", settings);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ExitCode::kConfig);
  EXPECT_EQ(made.error().message,
            "sigv4.region needs sigv4.secret_access_key, or "
            "AWS_SECRET_ACCESS_KEY in the environment");
}

TEST(OtlpSigned, ATokenCannotSmuggleAHeader) {
  auto settings = signed_settings();
  settings.values["sigv4.session_token"] = "a\r\nb: c";
  EXPECT_FALSE(make("otlp_http", settings).has_value());
}

TEST(OtlpSigned, CredentialsAreSecret) {
  int secret = 0;
  for (const ExporterOption& option : exporters::otlp::kinds().front().options) {
    secret += option.secret;
    EXPECT_EQ(option.secret, option.variable.starts_with("AWS_")) << option.key;
  }
  EXPECT_EQ(secret, 3);
}

}  // namespace
}  // namespace weft::otlp
