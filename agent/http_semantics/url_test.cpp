// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/url.h"

#include <gtest/gtest.h>

namespace weft::http_semantics {
namespace {

TEST(Url, UrlRedaction) {
  EXPECT_EQ(redact_url("", nullptr), "");
  EXPECT_EQ(redact_url("?sig=1", nullptr), "?sig=REDACTED");
  EXPECT_EQ(redact_url("a?", nullptr), "a?");
  EXPECT_EQ(redact_url("http://h/a@b", nullptr), "http://h/a@b");
  EXPECT_EQ(redact_url("http://u@h", nullptr), "http://REDACTED:REDACTED@h");
  EXPECT_EQ(redact_url("plain text", nullptr), "plain text");
}

TEST(Url, QueryRedaction) {
  EXPECT_EQ(redact_query("sig=1&Sig=2&a=sig", nullptr), "sig=REDACTED&Sig=2&a=sig");
  EXPECT_EQ(redact_query("X-Goog-Signature=&X-Amz-Credential=c&X-Amz-Security-Token=t", nullptr),
            "X-Goog-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED");
  EXPECT_EQ(redact_query("s%69g=1&%zz=2&sig", nullptr), "s%69g=REDACTED&%zz=2&sig");
  EXPECT_EQ(redact_query("&&a=1&", nullptr), "&&a=1&");
  const std::vector<std::string> own = {"token"};
  EXPECT_EQ(redact_query("sig=1&token=2", &own), "sig=1&token=REDACTED");
  const std::vector<std::string> nothing;
  EXPECT_EQ(redact_query("sig=1", &nothing), "sig=1");
}

}  // namespace
}  // namespace weft::http_semantics
