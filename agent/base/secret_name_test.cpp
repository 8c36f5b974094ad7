// SPDX-License-Identifier: Apache-2.0
#include "agent/base/secret_name.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(SecretName, CredentialsGoByManyNames) {
  for (const char* name :
       {"Authorization", "Proxy-Authorization", "WWW-Authenticate", "cookie", "Set-Cookie",
        "X-Api-Key", "api_key", "PRIVATE-TOKEN", "X-Amz-Security-Token", "X-Vault-Token",
        "X-Session-Id", "X-Hub-Signature-256", "X-Forwarded-Client-Cert", "X-Password"}) {
    EXPECT_TRUE(may_be_secret(name)) << name;
  }
}

TEST(SecretName, OthersAreShown) {
  for (const char* name : {"", "host", "x-request-id", "correlation-id", "content-type", "referer",
                           "keep-alive", "Idempotency-Key"}) {
    EXPECT_FALSE(may_be_secret(name)) << name;
  }
}

TEST(SecretName, UrlsAreShownWithoutCredentials) {
  EXPECT_EQ(without_credentials("http://bob:S3CRET@h:1/x@y"), "http://***@h:1/x@y");
  EXPECT_EQ(without_credentials("http://a@b:S3CRET@h"), "http://***@h");
  EXPECT_EQ(without_credentials("http://h/x@y"), "http://h/x@y");
  EXPECT_EQ(without_credentials("bob@h"), "bob@h");
  EXPECT_EQ(without_credentials(""), "");
}

}  // namespace
}  // namespace weft
