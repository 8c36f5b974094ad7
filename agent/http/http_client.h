// SPDX-License-Identifier: Apache-2.0
// POSTs bodies to one URL over one kept-alive connection, with libcurl.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/deadline.h"
#include "agent/base/result.h"
#include "agent/http/curl_library.h"

namespace weft::http {

enum class HttpVersion : uint8_t {
  kHttp1,
  kHttp2,  // TLS: by ALPN; plain: prior knowledge (h2c), no upgrade
};

struct TlsFiles {
  std::string ca;    // PEM; empty: the system's
  std::string cert;  // client certificate
  std::string key;
};

// AWS's signature, version 4, of every request (libcurl makes it).
struct AwsSigning {
  std::string region;  // "eu-west-1"
  std::string service;
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // for temporary credentials; empty: none
};

struct HttpOptions {
  std::string url;            // http:// or https://
  std::string unix_socket{};  // path to connect to; the URL's host is then only a name
  HttpVersion version = HttpVersion::kHttp1;
  std::vector<std::pair<std::string, std::string>> headers{};
  TlsFiles tls{};
  std::string expects = "an HTTP server";  // what should be at the URL; for messages
  std::optional<AwsSigning> signing{};
};

struct HttpResponse {
  long status = 0;
  // Headers and trailers of the final response, names in lower case; the last one wins.
  std::map<std::string, std::string, std::less<>> headers{};
  std::string body{};  // up to kMaxResponse
  bool cut = false;    // truncated: the rest was not read, nor any trailers

  std::string_view header(std::string_view name) const {
    const auto it = headers.find(name);
    return it == headers.end() ? std::string_view() : std::string_view(it->second);
  }
};

inline constexpr size_t kMaxResponse = 4u << 20;  // OTLP's limit

// One thread. Never follows redirects: spans go where the user said.
class HttpClient {
 public:
  // Error: libcurl is missing; kConfig: it refuses an option.
  static Result<std::unique_ptr<HttpClient>> make(HttpOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // See HttpOptions::expects.
  std::string_view expects() const { return options_.expects; }

  // Error: no complete response within `timeout` (0: no limit) and `deadline`, whatever the
  // reason; the message names the endpoint's host and the reason. Any status is a response.
  // `headers`: of this request only, after those of the options.
  Result<HttpResponse> post(const std::string& body, const std::vector<std::string>& headers,
                            std::chrono::milliseconds timeout, const Deadline& deadline);

 private:
  HttpClient(const CurlLibrary& curl, HttpOptions options);
  Status prepare();
  bool choose_version();
  CURLcode perform(const Deadline& deadline);
  bool prepare_signing(const AwsSigning& signing);
  CURLcode transfer(const Deadline& deadline);

  const CurlLibrary& curl_;
  const HttpOptions options_;
  CURL* easy_ = nullptr;
  CURLM* multi_ = nullptr;
  // For plain HTTP/2 with a libcurl that must not set prior knowledge again on a kept connection.
  bool told_once_ = false;
  bool kept_ = false;  // such a connection exists
  char reason_[CURL_ERROR_SIZE] = "";
  HttpResponse response_;
};

}  // namespace weft::http
