// SPDX-License-Identifier: Apache-2.0
// Span data by the semantic conventions, from heads; and what a recording keeps of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"
#include "tests/support/session_driver.h"

namespace weft::protocol::http1 {

extern const Protocol kProtocol;

namespace {

using test::SessionDriver;
using testing::ElementsAre;

using Strings = std::vector<std::string>;

std::string text(const Value& value) {
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
  std::string out = "[";
  for (const std::string& item : std::get<Strings>(value)) out += item + ";";
  return out + "]";
}

Strings shown(const Attributes& attributes) {
  Strings out;
  for (const Attribute& a : attributes)
    out.push_back(std::string(a.key.text()) + "=" + text(a.value));
  return out;
}

Outcome outcome(const SessionOptions& options, const std::string& request,
                const std::string& response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") {
  SessionDriver d(kProtocol, options);
  d.request(request).response(response);
  return d.only().outcome;
}

SessionOptions server() {
  return {};
}
SessionOptions client() {
  SessionOptions options;
  options.role = Role::kClient;
  options.remote_address = "10.1.2.3";
  options.remote_port = 8080;
  return options;
}
SessionOptions over_tls(SessionOptions options) {
  options.encrypted = true;
  return options;
}
SessionOptions with(SessionOptions options, const CaptureOptions& capture) {
  options.capture = std::make_shared<CaptureOptions>(capture);
  return options;
}

TEST(Http1Semantics, ServerSpan) {
  const Outcome o = outcome(server(),
                            "POST /shop/cart?id=7&sig=abc HTTP/1.1\r\nHost: shop.example:8080\r\n"
                            "User-Agent: curl/8.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(o.name, "POST");
  EXPECT_FALSE(o.error);
  EXPECT_THAT(shown(o.attributes),
              ElementsAre("http.request.method=POST", "url.path=/shop/cart",
                          "url.query=id=7&sig=REDACTED", "server.address=shop.example",
                          "server.port=8080", "url.scheme=http", "user_agent.original=curl/8.1",
                          "network.protocol.version=1.1", "http.response.status_code=200"));
}

TEST(Http1Semantics, ClientSpan) {
  const Outcome o = outcome(client(),
                            "GET /a?b=c HTTP/1.1\r\nHost: api.example\r\nUser-Agent: curl/8.1\r\n"
                            "X-Forwarded-Host: other\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
                            "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(o.name, "GET");
  EXPECT_TRUE(o.error);
  EXPECT_EQ(o.error_type, "404");
  EXPECT_THAT(shown(o.attributes),
              ElementsAre("http.request.method=GET", "server.address=api.example", "server.port=80",
                          "url.full=http://api.example/a?b=c", "network.protocol.version=1.0",
                          "http.response.status_code=404"));
}

struct StatusCase {
  int code;
  bool server_error;
  bool client_error;
};

TEST(Http1Semantics, StatusByRole) {
  for (const StatusCase& c :
       {StatusCase{200, false, false}, StatusCase{302, false, false}, StatusCase{399, false, false},
        StatusCase{400, false, true}, StatusCase{404, false, true}, StatusCase{499, false, true},
        StatusCase{500, true, true}, StatusCase{503, true, true}, StatusCase{600, true, true},
        StatusCase{999, true, true}}) {
    const std::string response =
        "HTTP/1.1 " + std::to_string(c.code) + " X\r\nContent-Length: 0\r\n\r\n";
    const Outcome s = outcome(server(), "GET / HTTP/1.1\r\n\r\n", response);
    const Outcome k = outcome(client(), "GET / HTTP/1.1\r\n\r\n", response);
    EXPECT_EQ(s.error, c.server_error) << c.code;
    EXPECT_EQ(k.error, c.client_error) << c.code;
    EXPECT_EQ(s.error_type, c.server_error ? std::to_string(c.code) : "");
    EXPECT_EQ(k.error_type, c.client_error ? std::to_string(c.code) : "");
  }
}

TEST(Http1Semantics, Methods) {
  for (const std::string method :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "CONNECT"}) {
    const Outcome o = outcome(server(), method + " /x HTTP/1.1\r\n\r\n");
    EXPECT_EQ(o.name, method);
    EXPECT_EQ(o.attributes.text(semconv::kHttpRequestMethod), method);
    EXPECT_EQ(o.attributes.find(semconv::kHttpRequestMethodOriginal), nullptr);
  }
  for (const std::string method : {"get", "PROPFIND", "Get", "FOO!"}) {
    const Outcome o = outcome(server(), method + " /x HTTP/1.1\r\n\r\n");
    EXPECT_EQ(o.name, "HTTP");
    EXPECT_EQ(o.attributes.text(semconv::kHttpRequestMethod), "_OTHER");
    EXPECT_EQ(o.attributes.text(semconv::kHttpRequestMethodOriginal), method);
  }
}

TEST(Http1Semantics, KnownMethodsReplaceTheSpecificationsSet) {
  CaptureOptions capture;
  capture.known_methods = {"PROPFIND", "GET"};
  EXPECT_EQ(outcome(with(server(), capture), "PROPFIND / HTTP/1.1\r\n\r\n").name, "PROPFIND");
  EXPECT_EQ(outcome(with(server(), capture), "POST / HTTP/1.1\r\n\r\n").name, "HTTP");
}

struct UrlCase {
  const char* request;  // target and head
  std::string scheme, path, query, address, port, client;
};

TEST(Http1Semantics, ServerUrlAndAddresses) {
  for (const UrlCase& c : {
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\n", "http", "/", "", "h", "80", ""},
           UrlCase{"/ HTTP/1.0\r\n", "http", "/", "", "", "", ""},
           UrlCase{"/p? HTTP/1.1\r\nHost: h:1\r\n", "http", "/p", "", "h", "1", ""},
           UrlCase{"/p?a?b HTTP/1.1\r\nHost: [::1]:81\r\n", "http", "/p", "a?b", "::1", "81", ""},
           UrlCase{"* HTTP/1.1\r\nHost: h\r\n", "http", "*", "", "h", "80", ""},
           UrlCase{"http://t:5/p?q HTTP/1.1\r\nHost: h\r\n", "http", "/p", "q", "t", "5", ""},
           UrlCase{"HTTPS://t HTTP/1.1\r\nHost: h\r\n", "https", "/", "", "t", "443", ""},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\n", "https", "/", "", "h",
                   "443", ""},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: HTTPS, http\r\n", "https", "/", "",
                   "h", "443", ""},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: <script>\r\n", "http", "/", "", "h",
                   "80", ""},
           UrlCase{"/ HTTP/1.1\r\nX-Forwarded-Host: f:9, g\r\nHost: h\r\n", "http", "/", "", "f",
                   "9", ""},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n", "http", "/",
                   "", "h", "80", "1.2.3.4"},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.2.3.4:99\r\n", "http", "/", "", "h",
                   "80", "1.2.3.4"},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 2001:db8::1\r\n", "http", "/", "",
                   "h", "80", "2001:db8::1"},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: unknown\r\n", "http", "/", "", "h",
                   "80", ""},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Host: x\r\n"
                   "Forwarded: for=\"[2001:db8::17]:47\";proto=https;host=\"f:7\", for=1.1.1.1\r\n",
                   "https", "/", "", "f", "7", "2001:db8::17"},
           UrlCase{"/ HTTP/1.1\r\nHost: h\r\nFORWARDED: For=_hidden; By=x\r\n", "http", "/", "",
                   "h", "80", ""},
           UrlCase{"/ HTTP/1.1\r\nHost: h:99999\r\n", "http", "/", "", "", "", ""},
           UrlCase{"/ HTTP/1.1\r\nHost: h:x\r\n", "http", "/", "", "", "", ""},
           UrlCase{"/caf\xc3\xa9?\xff HTTP/1.1\r\nHost: h\r\n", "http", "/caf%C3%A9", "%FF", "h",
                   "80", ""},
           UrlCase{"/a b HTTP/1.1\r\nHost: h\r\n", "http", "/a b", "", "h", "80", ""},
       }) {
    const Outcome o = outcome(server(), std::string("GET ") + c.request + "\r\n");
    EXPECT_EQ(o.attributes.text(semconv::kUrlScheme), c.scheme) << c.request;
    EXPECT_EQ(o.attributes.text(semconv::kUrlPath), c.path) << c.request;
    EXPECT_EQ(o.attributes.text(semconv::kUrlQuery), c.query) << c.request;
    EXPECT_EQ(o.attributes.text(semconv::kServerAddress), c.address) << c.request;
    const Value* port = o.attributes.find(semconv::kServerPort);
    EXPECT_EQ(port ? text(*port) : "", c.port) << c.request;
    EXPECT_EQ(o.attributes.text(semconv::kClientAddress), c.client) << c.request;
  }
}

TEST(Http1Semantics, EncryptedMeansHttps) {
  const Outcome s = outcome(over_tls(server()), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(s.attributes.text(semconv::kUrlScheme), "https");
  const Outcome k = outcome(over_tls(client()), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(k.attributes.text(semconv::kUrlFull), "https://h/");
  EXPECT_EQ(text(*k.attributes.find(semconv::kServerPort)), "443");
}

TEST(Http1Semantics, ClientUrl) {
  const auto url = [](const std::string& head, SessionOptions options = client()) {
    return std::string(outcome(options, head + "\r\n").attributes.text(semconv::kUrlFull));
  };
  EXPECT_EQ(url("GET /p?q=1 HTTP/1.1\r\nHost: h:8080\r\n"), "http://h:8080/p?q=1");
  EXPECT_EQ(url("GET http://t:81/p HTTP/1.1\r\nHost: h\r\n"), "http://t:81/p");
  EXPECT_EQ(url("GET http://u:secret@t/p HTTP/1.1\r\nHost: h\r\n"), "http://REDACTED:REDACTED@t/p");
  EXPECT_EQ(url("GET /?X-Amz-Signature=1&a=2 HTTP/1.1\r\nHost: h\r\n"),
            "http://h/?X-Amz-Signature=REDACTED&a=2");
  EXPECT_EQ(url("OPTIONS * HTTP/1.1\r\nHost: h\r\n"), "http://h");
  EXPECT_EQ(url("GET /p HTTP/1.0\r\n"), "http://10.1.2.3:8080/p");
  SessionOptions v6 = client();
  v6.remote_address = "fe80::1";
  v6.remote_port = 80;
  EXPECT_EQ(url("GET /p HTTP/1.0\r\n", v6), "http://[fe80::1]/p");
  SessionOptions on_unix = client();
  on_unix.remote_address = "";
  EXPECT_EQ(url("GET /p HTTP/1.0\r\n", on_unix), "") << "absent, not invented";
}

TEST(Http1Semantics, ConnectHasAnAuthorityAndNoUrl) {
  for (const SessionOptions& options : {server(), client()}) {
    const Outcome o = outcome(options, "CONNECT db.example:5432 HTTP/1.1\r\nHost: proxy\r\n\r\n");
    EXPECT_EQ(o.attributes.text(semconv::kServerAddress), "db.example");
    EXPECT_EQ(text(*o.attributes.find(semconv::kServerPort)), "5432");
    EXPECT_EQ(o.attributes.find(semconv::kUrlPath), nullptr);
    EXPECT_EQ(o.attributes.find(semconv::kUrlFull), nullptr);
  }
}

TEST(Http1Semantics, CapturedHeaders) {
  CaptureOptions capture;
  capture.request_headers = {"x-id", "accept"};
  capture.response_headers = {"content-type"};
  const Outcome o =
      outcome(with(server(), capture),
              "GET / HTTP/1.1\r\nX-ID: 1\r\nAccept: a\r\nx-id: \xff\r\nX-Other: 3\r\n\r\n",
              "HTTP/1.1 103 Early\r\nContent-Type: no\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(text(*o.attributes.find(Key::intern("http.request.header.x-id"))), "[1;\xef\xbf\xbd;]");
  EXPECT_EQ(text(*o.attributes.find(Key::intern("http.request.header.accept"))), "[a;]");
  EXPECT_EQ(text(*o.attributes.find(Key::intern("http.response.header.content-type"))),
            "[text/html;]");
  EXPECT_EQ(o.attributes.find(Key::intern("http.request.header.x-other")), nullptr);
}

TEST(Http1Semantics, CredentialsStayHiddenEvenIfAskedFor) {
  CaptureOptions capture;
  capture.request_headers = {"authorization", "x-api-key", "referer", "idempotency-key"};
  capture.response_headers = {"set-cookie", "location"};
  capture.sensitive_query_keys = {"sig"};
  const Outcome o =
      outcome(with(client(), capture),
              "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer S3CRET\r\n"
              "Authorization: Basic S3CRET\r\nX-API-Key: S3CRET\r\nIdempotency-Key: 7\r\n"
              "Referer: http://u:S3CRET@h/p?sig=S3CRET&a=1#f\r\n\r\n",
              "HTTP/1.1 302 Found\r\nSet-Cookie: S3CRET\r\nLocation: /p?a=1&sig=S3CRET\r\n"
              "Content-Length: 0\r\n\r\n");
  EXPECT_THAT(
      shown(o.attributes),
      testing::IsSupersetOf(
          {"http.request.header.authorization=[REDACTED;REDACTED;]",
           "http.request.header.x-api-key=[REDACTED;]", "http.request.header.idempotency-key=[7;]",
           "http.request.header.referer=[http://REDACTED:REDACTED@h/p?sig=REDACTED&a=1#f;]",
           "http.response.header.set-cookie=[REDACTED;]",
           "http.response.header.location=[/p?a=1&sig=REDACTED;]"}));
}

TEST(Http1Semantics, ACredentialIsNoHost) {
  const Outcome s = outcome(server(), "GET / HTTP/1.1\r\nHost: S3CRET@shop\r\n\r\n");
  EXPECT_EQ(s.attributes.find(semconv::kServerAddress), nullptr);
  const Outcome c = outcome(client(), "GET / HTTP/1.1\r\nHost: u:S3CRET@shop\r\n\r\n");
  EXPECT_EQ(c.attributes.text(semconv::kUrlFull), "http://10.1.2.3:8080/");
}

struct ExportCase {
  const char* request;
  uint16_t port;
  bool carries;
};

TEST(Http1Semantics, ExportsOfSpansAreKnown) {
  const ExportCase cases[] = {
      {"POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\n", 80, true},
      {"POST /otlp/v1/traces?k=1 HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\n", 80,
       true},
      {"POST http://h/v1/traces HTTP/1.1\r\ncontent-type: Application/X-Protobuf\r\n", 80, true},
      {"POST /ingest HTTP/1.1\r\nContent-Type: application/x-protobuf\r\n", 4318, true},
      {"POST /ingest HTTP/1.1\r\nContent-Type: application/x-protobuf\r\n", 80, false},
      {"POST /v1/metrics HTTP/1.1\r\nContent-Type: application/x-protobuf\r\n", 4318, false},
      {"POST /v1/logs HTTP/1.1\r\nContent-Type: application/x-protobuf\r\n", 4318, false},
      {"POST /api HTTP/1.1\r\nContent-Type: application/json\r\n", 4318, false},
      {"POST /v1/traces HTTP/1.1\r\nContent-Type: text/plain\r\n", 80, false},
      {"POST /v1/traces HTTP/1.1\r\n", 80, false},
      {"GET /v1/traces HTTP/1.1\r\nContent-Type: application/json\r\n", 80, false},
  };
  for (const ExportCase& c : cases) {
    const std::string head = std::string(c.request) + "Content-Length: 0\r\n\r\n";
    SessionOptions asks = client();
    asks.remote_port = c.port;
    SessionOptions answers = server();
    answers.local_port = c.port;
    EXPECT_EQ(outcome(asks, head).carries_spans, c.carries) << head << c.port;
    EXPECT_EQ(outcome(answers, head).carries_spans, c.carries) << head << c.port;
  }
}

}  // namespace
}  // namespace weft::protocol::http1
