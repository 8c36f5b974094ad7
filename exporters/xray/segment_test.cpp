// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/xray/test_spans.h"

namespace weft::xray {
namespace {

using nlohmann::json;

json only(const Span& span, std::vector<std::string> annotations = {}) {
  const auto all = documents(span, std::move(annotations));
  EXPECT_EQ(all.size(), 1u);
  return all.at(0);
}

const json& metadata(const json& document) {
  return document.at("metadata").at("default");
}

TEST(Segment, AServerIsASegmentNamedAsItsService) {
  const json d = only(*http_server(200));
  EXPECT_EQ(d["name"], "shop");
  EXPECT_EQ(d["id"], "b7ad6b7169203331");
  EXPECT_EQ(d["trace_id"], "1-4bf92f35-77b34da6a3ce929d0e0e4736");
  EXPECT_EQ(d["parent_id"], "00f067aa0ba902b7");
  EXPECT_FALSE(d.contains("type"));
  EXPECT_FALSE(d.contains("namespace"));
  EXPECT_EQ(d["service"], json({{"version", "1.2"}}));
  EXPECT_EQ(d["aws"]["xray"]["sdk"], "weft");
  EXPECT_EQ(d["aws"]["xray"]["auto_instrumentation"], true);
  EXPECT_EQ(metadata(d)["otel.span.name"], "GET /cart/{id}");
  EXPECT_EQ(metadata(d)["otel.resource.process.pid"], 4711);
}

TEST(Segment, TimesHaveAllDigits) {
  std::string frames;
  SegmentEncoder({}).append(frames, *http_server(200));
  EXPECT_THAT(frames, testing::HasSubstr("\"start_time\":1544712660.000000001,"
                                         "\"end_time\":1544712661.500000000"));
}

TEST(Segment, HttpIsToldOnce) {
  const json d = only(*http_server(200));
  EXPECT_EQ(d["http"]["request"], json({{"method", "GET"},
                                        {"url", "http://shop.example:8080/cart/7?q=1"},
                                        {"user_agent", "curl/8"},
                                        {"client_ip", "10.0.0.9"},
                                        {"x_forwarded_for", true}}));
  EXPECT_EQ(d["http"]["response"], json({{"status", 200}, {"content_length", 512}}));
  EXPECT_FALSE(metadata(d).contains("http.request.method"));
  EXPECT_FALSE(metadata(d).contains("url.path"));
  EXPECT_EQ(metadata(d)["http.route"], "/cart/{id}");
  EXPECT_EQ(metadata(d)["server.port"], 8080);
}

TEST(Segment, StatusCodesDecideWhoseFaultItIs) {
  const auto flags = [](int status) {
    const json d = only(*http_server(status));
    return std::string(d.contains("error") ? "e" : "") + (d.contains("throttle") ? "t" : "") +
           (d.contains("fault") ? "f" : "");
  };
  EXPECT_EQ(flags(200), "");
  EXPECT_EQ(flags(404), "e");
  EXPECT_EQ(flags(429), "et");
  EXPECT_EQ(flags(503), "f");
}

TEST(Segment, AnErrorWithoutAStatusCodeIsAFaultWithACause) {
  const auto span = postgres_client();
  span->status = StatusCode::kError;
  span->status_message = "relation \"item\" does not exist";
  span->attributes.set(semconv::kErrorType, "42P01");
  const json d = only(*span);
  EXPECT_EQ(d["fault"], true);
  const json& exception = d["cause"]["exceptions"].at(0);
  EXPECT_EQ(exception["type"], "42P01");
  EXPECT_EQ(exception["message"], "relation \"item\" does not exist");
  EXPECT_EQ(exception["remote"], true);
  EXPECT_EQ(exception["id"].get<std::string>().size(), 16u);
  EXPECT_FALSE(metadata(d).contains("error.type"));
}

TEST(Segment, AStatusCodeNeedsNoCauseOfTheSameDigits) {
  const auto span = http_server(503);
  span->status = StatusCode::kError;
  span->attributes.set(semconv::kErrorType, "503");
  EXPECT_FALSE(only(*span).contains("cause"));
  EXPECT_EQ(metadata(only(*span))["error.type"], "503");
}

TEST(Segment, ExceptionEventsAreCausesOthersMetadata) {
  const auto span = span_of(SpanKind::kInternal);
  SpanEvent thrown{.time = span->start, .name = "exception"};
  thrown.attributes.set("exception.type", "KeyError");
  thrown.attributes.set("exception.stacktrace", "  at a\n\n  at b");
  SpanEvent late{.time = 1'500'000'000, .name = "late"};
  late.attributes.set("by", 3);
  span->events = {thrown, late};
  const json d = only(*span);
  const json& exception = d["cause"]["exceptions"].at(0);
  EXPECT_EQ(exception["type"], "KeyError");
  EXPECT_EQ(exception["stack"], json::parse(R"([{"label":"at a"},{"label":"at b"}])"));
  EXPECT_FALSE(metadata(d).contains("otel.event.0"));
  EXPECT_EQ(metadata(d)["otel.event.1"],
            json::parse(R"({"name":"late","time":1.5,"attributes":{"by":3}})"));
}

TEST(Segment, ACallIsARemoteSubsegmentWithItsSql) {
  const json d = only(*postgres_client());
  EXPECT_EQ(d["name"], "stock@db.example");
  EXPECT_EQ(d["type"], "subsegment");
  EXPECT_EQ(d["namespace"], "remote");
  EXPECT_EQ(d["sql"], json({{"url", "postgresql://db.example:5432/stock"},
                            {"sanitized_query", "SELECT * FROM item WHERE id = ?"},
                            {"database_type", "postgresql"}}));
  EXPECT_FALSE(metadata(d).contains("db.query.text"));
  EXPECT_FALSE(metadata(d).contains("otel.resource.process.pid"));  // its segment has it
  EXPECT_FALSE(d.contains("service"));
}

TEST(Segment, NoSqlForADatabaseThatSpeaksNone) {
  const auto span = postgres_client();
  span->attributes.set(semconv::kDbSystemName, "redis");
  const json d = only(*span);
  EXPECT_FALSE(d.contains("sql"));
  EXPECT_EQ(metadata(d)["db.query.text"], "SELECT * FROM item WHERE id = ?");
}

TEST(Segment, LocalWorkIsASubsegmentNamedAsItsSpan) {
  const auto span = span_of(SpanKind::kInternal);
  span->name = "wal.flush";
  const json d = only(*span);
  EXPECT_EQ(d["name"], "wal.flush");
  EXPECT_EQ(d["type"], "subsegment");
  EXPECT_FALSE(d.contains("namespace"));
}

TEST(Segment, LocalWorkWithoutAParentIsASegment) {
  const auto span = span_of(SpanKind::kInternal);
  span->parent = {};
  const json d = only(*span);
  EXPECT_EQ(d["name"], "shop");
  EXPECT_FALSE(d.contains("type"));
  EXPECT_FALSE(d.contains("parent_id"));
}

TEST(Segment, ACallThatBeginsATraceHangsBelowItsServicesSegment) {
  const auto span = postgres_client();
  span->parent = {};
  const auto all = documents(*span);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["name"], "shop");
  EXPECT_FALSE(all[0].contains("parent_id"));
  EXPECT_EQ(all[0]["trace_id"], all[1]["trace_id"]);
  EXPECT_EQ(metadata(all[0])["otel.resource.process.pid"], 4711);
  EXPECT_EQ(all[1]["name"], "stock@db.example");
  EXPECT_EQ(all[1]["parent_id"], all[0]["id"]);
  EXPECT_EQ(all[1]["id"], "b7ad6b7169203331");
}

TEST(Segment, AnnotationsAreThoseAskedFor) {
  const auto span = http_server(200);
  span->attributes.set("list", Value(std::vector<std::string>{"a", "b"}));
  span->attributes.set("long", std::string(1001, 'x'));
  span->attributes.set("feature-flag", Value(true));
  const json d = only(*span, {"http.route", "list", "long", "absent", "feature-flag",
                              "otel.resource.process.pid", "http.response.status_code"});
  EXPECT_EQ(d["annotations"], json({{"http.route", "/cart/{id}"},
                                    {"feature_flag", true},
                                    {"otel.resource.process.pid", 4711},
                                    {"http.response.status_code", 200}}));
  EXPECT_FALSE(metadata(d).contains("http.route"));
  EXPECT_EQ(metadata(d)["list"], json({"a", "b"}));
  EXPECT_EQ(metadata(d)["long"], std::string(1001, 'x'));
  EXPECT_EQ(d["http"]["response"]["status"], 200);
  EXPECT_FALSE(only(*span).contains("annotations"));
}

// X-Ray knows services and calls to others; what a kind is beyond that is told as metadata.
TEST(Segment, EveryKindOfSpan) {
  struct Case {
    SpanKind kind;
    bool remote;
    const char* told;
  };
  for (const Case& c :
       {Case{SpanKind::kInternal, false, ""}, Case{SpanKind::kServer, false, ""},
        Case{SpanKind::kClient, true, ""}, Case{SpanKind::kProducer, true, "producer"},
        Case{SpanKind::kConsumer, false, "consumer"}}) {
    const json d = only(*span_of(c.kind));
    EXPECT_EQ(d.value("type", ""), c.kind == SpanKind::kServer ? "" : "subsegment") << c.told;
    EXPECT_EQ(d.value("namespace", ""), c.remote ? "remote" : "") << c.told;
    EXPECT_EQ(metadata(d).value("otel.span.kind", ""), c.told);
  }
}

TEST(Segment, LinksKeepTheirAttributes) {
  const auto span = span_of(SpanKind::kConsumer);
  SpanLink link{.trace = span->trace, .span = span->parent};
  link.attributes.set("why", "waited");
  span->links = {link, link};
  const json d = only(*span);
  ASSERT_EQ(d["links"].size(), 2u);
  EXPECT_EQ(d["links"][1], json({{"trace_id", "1-4bf92f35-77b34da6a3ce929d0e0e4736"},
                                 {"id", "00f067aa0ba902b7"},
                                 {"attributes", {{"why", "waited"}}}}));
  EXPECT_EQ(metadata(d)["otel.span.kind"], "consumer");
}

TEST(Segment, WhereInAwsTheServiceRuns) {
  const auto resource = shop();
  resource->attributes.set("cloud.platform", "aws_eks");
  resource->attributes.set("cloud.account.id", "123456789012");
  resource->attributes.set("k8s.cluster.name", "prod");
  resource->attributes.set("k8s.pod.name", "shop-1");
  const json d = only(*span_of(SpanKind::kServer, resource));
  EXPECT_EQ(d["origin"], "AWS::EKS::Container");
  EXPECT_EQ(d["aws"]["account_id"], "123456789012");
  EXPECT_EQ(d["aws"]["eks"], json({{"cluster_name", "prod"}, {"pod", "shop-1"}}));
}

TEST(Segment, ACallOfAnAwsServiceIsInItsNamespace) {
  const auto span = span_of(SpanKind::kClient);
  span->attributes.set("rpc.system", "aws-api");
  span->attributes.set("rpc.service", "DynamoDB");
  span->attributes.set("rpc.method", "GetItem");
  const json d = only(*span);
  EXPECT_EQ(d["name"], "DynamoDB");
  EXPECT_EQ(d["namespace"], "aws");
  EXPECT_EQ(d["aws"]["operation"], "GetItem");
}

TEST(Segment, TextThatIsNoUtf8IsRepaired) {
  const auto span = span_of(SpanKind::kInternal);
  span->attributes.set("odd", Value(std::string("a\xff\"\n")));
  EXPECT_EQ(metadata(only(*span))["odd"], "a\xef\xbf\xbd\"\n");
}

}  // namespace
}  // namespace weft::xray
