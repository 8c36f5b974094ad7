// SPDX-License-Identifier: Apache-2.0
// ns per exchange: one request and its response through the session, as the pipeline
// hands them over, outcome included.
#include <benchmark/benchmark.h>
#include <string>

#include "probes/protocol/http1/session.h"
#include "tests/support/session_bench.h"

namespace weft::protocol::http1 {
namespace {

constexpr char kSmallRequest[] = "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";  // wrk
constexpr char kCurlRequest[] =
    "GET /api/orders?id=42 HTTP/1.1\r\nHost: shop.example:8080\r\nUser-Agent: curl/7.88.1\r\n"
    "Accept: */*\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n";
constexpr char kBrowserRequest[] =
    "GET /shop/articles/list?page=2&sort=price HTTP/1.1\r\nHost: www.shop.example\r\n"
    "Connection: keep-alive\r\nCache-Control: max-age=0\r\n"
    "sec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\nsec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\nUpgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\nReferer: https://www.shop.example/shop\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes\r\n\r\n";
constexpr char kSmallResponse[] =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 01 Aug 2026 12:00:00 GMT\r\n"
    "Content-Type: text/plain\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\nHello world\n";
constexpr char kChunkedResponse[] =
    "HTTP/1.1 200 OK\r\nDate: Sat, 01 Aug 2026 12:00:00 GMT\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\nVary: Accept-Encoding\r\n\r\n"
    "1b\r\n{\"orders\":[{\"id\":42}, 1,2]}\r\n0\r\n\r\n";

void exchange(benchmark::State& state, Role role, std::string_view request,
              std::string_view response) {
  SessionOptions options;
  options.role = role;
  options.remote_address = "127.0.0.1";
  options.remote_port = 8080;
  auto capture = std::make_shared<CaptureOptions>();
  capture->request_headers = {"x-request-id", "x-correlation-id", "correlation-id"};  // the default
  options.capture = std::move(capture);
  test::SessionBench<Http1Session> bench(options);
  for (auto _ : state) bench.exchange(request, response);
  bench.check(state, static_cast<int64_t>(state.iterations()));
}

BENCHMARK_CAPTURE(exchange, server_wrk, Role::kServer, kSmallRequest, kSmallResponse);
BENCHMARK_CAPTURE(exchange, server_curl_traceparent, Role::kServer, kCurlRequest, kChunkedResponse);
BENCHMARK_CAPTURE(exchange, server_browser, Role::kServer, kBrowserRequest, kSmallResponse);
BENCHMARK_CAPTURE(exchange, client_curl_traceparent, Role::kClient, kCurlRequest, kChunkedResponse);

}  // namespace
}  // namespace weft::protocol::http1

BENCHMARK_MAIN();
