// SPDX-License-Identifier: Apache-2.0
#include "agent/config/exporter_options.h"

#include <gtest/gtest.h>

#include "agent/config/test_kinds.h"

namespace weft {
namespace {

using testing::kinds;

ExporterConfig parsed(std::string_view kind, std::string_view options) {
  ExporterConfig exporter{std::string(kind), {}, {}};
  const auto status = apply_exporter_flag(*find_kind(kinds(), kind), options, exporter);
  EXPECT_TRUE(status) << status.error().message;
  return exporter;
}

std::string error(std::string_view kind, std::string_view options) {
  ExporterConfig exporter{std::string(kind), {}, {}};
  const auto status = apply_exporter_flag(*find_kind(kinds(), kind), options, exporter);
  if (status) return "accepted";
  EXPECT_EQ(status.error().code, ExitCode::kUsage);
  return status.error().message;
}

TEST(Kinds, DevelopmentSuffixMayBeLeftOut) {
  EXPECT_EQ(find_kind(kinds(), "otlp_file")->name, "otlp_file/development");
  EXPECT_EQ(find_kind(kinds(), "otlp_file/development")->name, "otlp_file/development");
  EXPECT_EQ(find_kind(kinds(), "otlp_fil"), nullptr);
  EXPECT_EQ(find_kind(kinds(), ""), nullptr);
}

TEST(ExporterFlag, OptionsBatchKeysAndHeaders) {
  const ExporterConfig e =
      parsed("otlp_http",
             "endpoint=http://h:1/p,timeout=200,tls.ca_file=/ca.pem,schedule_delay=20,"
             "export_timeout=30,max_queue_size=40,max_export_batch_size=10,headers.api-key=s=e=c");
  EXPECT_EQ(e.settings.get("endpoint"), "http://h:1/p");
  EXPECT_EQ(e.settings.get("timeout"), "200");
  EXPECT_EQ(e.settings.get("tls.ca_file"), "/ca.pem");
  EXPECT_EQ(e.batch.schedule_delay.count(), 20);
  EXPECT_EQ(e.batch.export_timeout.count(), 30);
  EXPECT_EQ(e.batch.max_queue_size, 40u);
  EXPECT_EQ(e.batch.max_export_batch_size, 10u);
  ASSERT_EQ(e.settings.headers.size(), 1u);
  EXPECT_EQ(e.settings.headers[0], std::pair(std::string("api-key"), std::string("s=e=c")));
}

TEST(ExporterFlag, ValuesMayHoldCommas) {
  const auto e = parsed("otlp_file/development", "path=/a,b.jsonl,schedule_delay=1");
  EXPECT_EQ(e.settings.get("path"), "/a,b.jsonl");
  EXPECT_EQ(e.batch.schedule_delay.count(), 1);
}

TEST(ExporterFlag, ASmallQueueLowersABatchSizeNobodyGave) {
  EXPECT_EQ(parsed("console", "max_queue_size=100").batch.max_export_batch_size, 100u);
}

TEST(ExporterFlag, ErrorsNameKeyFoundAndExpected) {
  EXPECT_EQ(error("otlp_http", "timeout=soon"),
            "--exporter otlp_http: timeout: found \"soon\", expected an integer of milliseconds, 0 "
            "or more");
  EXPECT_EQ(error("otlp_http", "compression=zip"),
            "--exporter otlp_http: compression: found \"zip\", expected one of gzip, none");
  EXPECT_EQ(error("otlp_http", "endpoint=localhost"),
            "--exporter otlp_http: endpoint: found \"localhost\", expected a URL such as "
            "http://127.0.0.1:4318");
  EXPECT_EQ(error("otlp_grpc", "tls.insecure=yes"),
            "--exporter otlp_grpc: tls.insecure: found \"yes\", expected true or false");
  EXPECT_EQ(error("otlp_file", "path="),
            "--exporter otlp_file/development: path: found \"\", expected a path");
  EXPECT_EQ(error("otlp_file", "rotate_bytes=-1"),
            "--exporter otlp_file/development: rotate_bytes: found \"-1\", expected an integer, 0 "
            "or more");
  EXPECT_EQ(error("console", "colour=never"),
            "--exporter console: unknown option \"colour\", did you mean \"color\"?");
  EXPECT_EQ(error("console", "plain"), "--exporter console: found \"plain\", expected key=value");
  EXPECT_EQ(error("console", "max_queue_size=0"),
            "--exporter console: max_queue_size: found \"0\", expected a positive integer");
  EXPECT_EQ(error("console", "max_queue_size=5,max_export_batch_size=6"),
            "--exporter console: max_export_batch_size: found \"6\", expected at most "
            "max_queue_size, which is 5");
  EXPECT_EQ(error("otlp_http", "headers.a b=c"),
            "--exporter otlp_http: headers.a b: found \"a b\", expected an HTTP header name");
}

TEST(ExporterFlag, HeaderValuesAreNotRepeated) {
  EXPECT_EQ(error("otlp_http", "headers.k=secret\n").find("secret"), std::string::npos);
}

TEST(Urls, NeedSchemeAndHost) {
  const ExporterOption url{"endpoint", OptionType::kUrl, "", "", ""};
  for (const char* good : {"http://h", "https://h:1/x?y", "http://[::1]:4318"}) {
    EXPECT_EQ(expected_instead(url, good), "") << good;
  }
  for (const char* bad : {"", "h", "ftp://h", "http://", "http:///x", "http://:80", "http://a b"}) {
    EXPECT_NE(expected_instead(url, bad), "") << bad;
  }
}

}  // namespace
}  // namespace weft
