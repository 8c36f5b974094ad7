// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/outcome.h"

#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include "exporters/otlp/grpc.h"

namespace weft::otlp {
namespace {

using http::HttpResponse;
using http::parse_retry_after;

using namespace std::chrono_literals;
using Kind = Delivery::Kind;
using Response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;

constexpr int64_t kNow = 1'445'412'480;  // Wed, 21 Oct 2015 07:28:00 GMT

HttpResponse answer(long status, std::string body = "",
                    std::string type = "application/x-protobuf") {
  HttpResponse response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers["content-type"] = std::move(type);
  return response;
}

TEST(HttpOutcome, RetriesOnlyThePassingStatuses) {
  for (const long status : {429, 502, 503, 504}) {
    EXPECT_EQ(http_outcome(answer(status), kNow, "OTLP").kind, Kind::kRetry) << status;
  }
  for (const long status : {301, 307, 400, 401, 403, 404, 408, 413, 415, 422, 500, 501, 505}) {
    EXPECT_EQ(http_outcome(answer(status), kNow, "OTLP").kind, Kind::kRefused) << status;
  }
  for (const long status : {200, 202}) {
    EXPECT_EQ(http_outcome(answer(status), kNow, "OTLP").kind, Kind::kDelivered) << status;
  }
}

TEST(HttpOutcome, ReadsRetryAfterOnlyWhereItRetries) {
  auto response = answer(503);
  response.headers["retry-after"] = "7";
  EXPECT_EQ(http_outcome(response, kNow, "OTLP").retry_after, 7s);
  response.status = 400;
  EXPECT_EQ(http_outcome(response, kNow, "OTLP").retry_after, std::nullopt);
}

TEST(RetryAfter, SecondsAndTheThreeDateFormats) {
  EXPECT_EQ(parse_retry_after("0", kNow), 0s);
  EXPECT_EQ(parse_retry_after("120", kNow), 120s);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:28:30 GMT", kNow), 30s);
  EXPECT_EQ(parse_retry_after("Wednesday, 21-Oct-15 07:29:00 GMT", kNow), 60s);
  EXPECT_EQ(parse_retry_after("Wed Oct 21 07:28:05 2015", kNow), 5s);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:00:00 GMT", kNow), 0s);
  for (const char* bad : {"", "soon", "-1", "1.5", "5 s", "Wed, 21 Oct 2015"}) {
    EXPECT_EQ(parse_retry_after(bad, kNow), std::nullopt) << bad;
  }
}

TEST(PartialSuccess, ProtobufCountsAndMessage) {
  Response response;
  response.mutable_partial_success()->set_rejected_spans(3);
  response.mutable_partial_success()->set_error_message("too\nold");
  const auto delivery = http_outcome(answer(200, response.SerializeAsString()), kNow, "OTLP");
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_EQ(delivery.rejected, 3u);
  EXPECT_EQ(delivery.message, "server rejected 3 spans: too old");
}

TEST(PartialSuccess, AMessageAloneIsAWarning) {
  Response response;
  response.mutable_partial_success()->set_error_message("use 1.44");
  const auto delivery = http_outcome(answer(200, response.SerializeAsString()), kNow, "OTLP");
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_EQ(delivery.rejected, 0u);
  EXPECT_EQ(delivery.message, "server warns: use 1.44");
}

TEST(PartialSuccess, JsonHasCountsAsStringsOrNumbers) {
  for (const char* body : {R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"x"}})",
                           R"({"partialSuccess":{"rejectedSpans":2,"errorMessage":"x"}})"}) {
    const auto delivery = http_outcome(answer(200, body, "application/json"), kNow, "OTLP");
    EXPECT_EQ(delivery.rejected, 2u);
    EXPECT_EQ(delivery.message, "server rejected 2 spans: x");
  }
}

TEST(PartialSuccess, NothingAndNonsenseAreASuccess) {
  for (const char* body :
       {"", "{}", "null", "[1", R"({"partialSuccess":{}})", R"({"partialSuccess":7})",
        R"({"partialSuccess":{"rejectedSpans":[]}})"}) {
    const auto delivery = http_outcome(answer(200, body, "application/json"), kNow, "OTLP");
    EXPECT_EQ(delivery.kind, Kind::kDelivered) << body;
    EXPECT_EQ(delivery.rejected, 0u) << body;
    EXPECT_EQ(delivery.message, "") << body;
  }
  EXPECT_EQ(partial_success("\x0a\xff", false).message, "");
  EXPECT_EQ(partial_success("", false).message, "");
}

TEST(HttpOutcome, SaysWhatTheServerSaid) {
  const std::string status("\x08\x03\x12\x05wrong", 9);  // google.rpc.Status{3, "wrong"}
  EXPECT_EQ(http_outcome(answer(400, status), kNow, "OTLP").message,
            "server answered HTTP 400: wrong");
  EXPECT_EQ(
      http_outcome(answer(400, R"({"code":3,"message":"wrong"})", "application/json"), kNow, "OTLP")
          .message,
      "server answered HTTP 400: wrong");
  EXPECT_EQ(http_outcome(answer(404, "<html>", "text/html"), kNow, "OTLP").message,
            "server answered HTTP 404 with a web page; expected OTLP there");
}

HttpResponse grpc_answer(const char* status) {
  HttpResponse response{.status = 200};
  response.headers["grpc-status"] = status;
  return response;
}

TEST(GrpcOutcome, RetriesOnlyThePassingCodes) {
  for (const char* code : {"1", "4", "10", "11", "14", "15"}) {
    EXPECT_EQ(grpc_outcome(grpc_answer(code), "OTLP").kind, Kind::kRetry) << code;
  }
  for (const char* code : {"2", "3", "5", "6", "7", "8", "9", "12", "13", "16", "99"}) {
    EXPECT_EQ(grpc_outcome(grpc_answer(code), "OTLP").kind, Kind::kRefused) << code;
  }
  EXPECT_EQ(grpc_outcome(grpc_answer("0"), "OTLP").kind, Kind::kDelivered);
}

TEST(GrpcOutcome, MessageIsPercentDecoded) {
  auto response = grpc_answer("3");
  response.headers["grpc-message"] = "bad%20name %C3%A9";
  EXPECT_EQ(grpc_outcome(response, "OTLP").message,
            "server answered gRPC INVALID_ARGUMENT: bad name é");
}

// google.rpc.Status{8, "busy", [Any{RetryInfo{Duration{3 s, 500 ms}}}]}, as base64
constexpr char kBusyFor3500Ms[] =
    "CAgSBGJ1c3kaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIKCggIAxCAyrXuAQ==";

TEST(GrpcOutcome, ResourceExhaustedNeedsRetryInfo) {
  auto response = grpc_answer("8");
  EXPECT_EQ(grpc_outcome(response, "OTLP").kind, Kind::kRefused);
  response.headers["grpc-status-details-bin"] = kBusyFor3500Ms;
  const auto delivery = grpc_outcome(response, "OTLP");
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.retry_after, 3500ms);
}

TEST(GrpcOutcome, PartialSuccessIsInTheFrame) {
  Response partial;
  partial.mutable_partial_success()->set_rejected_spans(9);
  auto response = grpc_answer("0");
  response.body = grpc_frame(partial.SerializeAsString(), false);
  EXPECT_EQ(grpc_outcome(response, "OTLP").rejected, 9u);
}

TEST(GrpcOutcome, AProxysAnswerIsMappedFromItsHttpStatus) {
  EXPECT_EQ(grpc_outcome({.status = 503}, "OTLP").kind, Kind::kRetry);
  EXPECT_EQ(grpc_outcome({.status = 404}, "OTLP").kind, Kind::kRefused);
  EXPECT_EQ(grpc_outcome({.status = 404}, "OTLP").message,
            "server answered HTTP 404; expected OTLP there");
  EXPECT_EQ(grpc_outcome({.status = 200}, "OTLP").kind, Kind::kRefused);
}

TEST(Grpc, FramesRoundTrip) {
  const std::string message(300, 'x');
  const std::string frame = grpc_frame(message, false);
  EXPECT_EQ(frame.substr(0, 5), std::string("\0\0\0\1\x2c", 5));
  EXPECT_EQ(grpc_unframe(frame), message);
  EXPECT_EQ(grpc_frame("", true), std::string("\1\0\0\0\0", 5));
  EXPECT_EQ(grpc_unframe(""), std::nullopt);
  EXPECT_EQ(grpc_unframe(frame.substr(0, 304)), std::nullopt);
  EXPECT_EQ(grpc_unframe(grpc_frame("z", true)), std::nullopt);
}

TEST(Grpc, TimeoutHasAtMostEightDigits) {
  EXPECT_EQ(grpc_timeout(10s), "10000m");
  EXPECT_EQ(grpc_timeout(99'999'999ms), "99999999m");
  EXPECT_EQ(grpc_timeout(100'000s), "100000S");
  EXPECT_EQ(grpc_timeout(1'000'000'000s), "99999999S");
}

TEST(Grpc, Base64WithAndWithoutPadding) {
  EXPECT_EQ(base64_decoded("aGk="), "hi");
  EXPECT_EQ(base64_decoded("aGk"), "hi");
  EXPECT_EQ(base64_decoded(""), "");
  EXPECT_EQ(base64_decoded("a!"), std::nullopt);
}

TEST(Grpc, RetryInfoAmongOtherDetailsAndGarbage) {
  EXPECT_EQ(retry_delay(*base64_decoded(kBusyFor3500Ms)), 3500ms);
  EXPECT_EQ(retry_delay(""), std::nullopt);
  EXPECT_EQ(retry_delay("\x1a\x7f"), std::nullopt);
}

TEST(Grpc, PercentDecodingKeepsWhatIsNotAnEscape) {
  EXPECT_EQ(percent_decoded("100% %zz %41%"), "100% %zz A%");
}

}  // namespace
}  // namespace weft::otlp
