// SPDX-License-Identifier: Apache-2.0
#include "agent/http/http_client.h"

#include <algorithm>
#include <cctype>

#include "agent/base/secret_name.h"
#include "agent/base/version.h"

namespace weft::http {
namespace {

using std::chrono::milliseconds;

// How soon a shortened deadline is noticed.
constexpr milliseconds kGlance{50};

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

// curl calls it with one line of a header block or of the trailers.
size_t on_header(char* data, size_t, size_t size, void* to) {
  auto& response = *static_cast<HttpResponse*>(to);
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) response.headers.clear();  // what came before was a 100
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || response.headers.size() >= 100) return size;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  response.headers[std::move(name)] = trimmed(line.substr(colon + 1));
  return size;
}

size_t on_body(char* data, size_t, size_t size, void* to) {
  auto& response = *static_cast<HttpResponse*>(to);
  const size_t room = kMaxResponse - response.body.size();
  response.body.append(data, std::min(room, size));
  response.cut = size > room;
  return response.cut ? 0 : size;  // 0 ends the transfer
}

class HeaderList {
 public:
  explicit HeaderList(const CurlLibrary& curl) : curl_(curl) {}
  ~HeaderList() { curl_.slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(std::string name, std::string_view value) { add(name.append(": ").append(value)); }
  void add(const std::string& line) { list_ = curl_.slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  const CurlLibrary& curl_;
  curl_slist* list_ = nullptr;
};

// A server is there, but may speak another protocol.
bool is_foreign(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:  // "HTTP/0.9": what came was no HTTP
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return true;
    default:
      return false;
  }
}

std::string origin(std::string_view url) {
  const size_t host = url.find("://");
  return without_credentials(
      std::string(url.substr(0, url.find('/', host == std::string_view::npos ? 0 : host + 3))));
}

// Simplifies curl's message. curl treats an answer that does not begin like HTTP as version 0.9:
// mostly a gRPC or TLS port. " after 3 ms" would make one lasting fault look new each time.
std::string without_jargon(std::string reason) {
  if (reason.find("HTTP/0.9") != reason.npos) return "the answer is not HTTP/1.1";
  const size_t after = reason.find(" after ");
  const size_t ms = reason.find(" ms", after);
  if (after != reason.npos && ms != reason.npos) reason.erase(after, ms + 3 - after);
  return reason;
}

}  // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::make(HttpOptions options) {
  const auto curl = CurlLibrary::load();
  if (!curl) return std::unexpected(curl.error());
  std::unique_ptr<HttpClient> client(new HttpClient(**curl, std::move(options)));
  if (const Status status = client->prepare(); !status) return std::unexpected(status.error());
  return client;
}

HttpClient::HttpClient(const CurlLibrary& curl, HttpOptions options)
    : curl_(curl),
      options_(std::move(options)),
      easy_(curl.easy_init()),
      multi_(curl.multi_init()) {}

HttpClient::~HttpClient() {
  if (easy_) curl_.easy_cleanup(easy_);
  if (multi_) curl_.multi_cleanup(multi_);
}

// Sets what is the same for every request; kept in the handle.
Status HttpClient::prepare() {
  const auto refused = [&](const char* what) {
    return fail(ExitCode::kConfig,
                "endpoint " + without_credentials(options_.url) + ": libcurl refuses " + what);
  };
  if (!easy_ || !multi_) return fail(ExitCode::kFailure, "libcurl: out of memory");
  const auto set = [&](CURLoption option, auto value) {
    return curl_.easy_setopt(easy_, option, value) == CURLE_OK;
  };
  const std::string agent = std::string("weft/") + kVersion + " OTel-OTLP-Exporter-Cpp/" + kVersion;
  if (!set(CURLOPT_URL, options_.url.c_str())) return refused("the URL");
  if (!choose_version()) return refused("HTTP/2: it was built without");
  if (!options_.unix_socket.empty() &&
      !set(CURLOPT_UNIX_SOCKET_PATH, options_.unix_socket.c_str())) {
    return refused("Unix sockets: it was built without");
  }
  const TlsFiles& files = options_.tls;
  if (!files.ca.empty() && !set(CURLOPT_CAINFO, files.ca.c_str())) return refused("tls.ca_file");
  if (!files.cert.empty() && !set(CURLOPT_SSLCERT, files.cert.c_str())) {
    return refused("tls.cert_file");
  }
  if (!files.key.empty() && !set(CURLOPT_SSLKEY, files.key.c_str())) return refused("tls.key_file");
  if (options_.signing && !prepare_signing(*options_.signing))
    return refused("to sign: it is older than 7.75");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_POST, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_USERAGENT, agent.c_str());
  set(CURLOPT_ERRORBUFFER, reason_);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &response_);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &response_);
  return {};
}

bool HttpClient::choose_version() {
  const bool wants_h2 = options_.version == HttpVersion::kHttp2;
  const bool tls = options_.url.starts_with("https://");
  told_once_ = wants_h2 && !tls && !curl_.repeats_prior_knowledge();
  const long h2 = tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  const long version = wants_h2 ? h2 : long{CURL_HTTP_VERSION_1_1};
  return curl_.easy_setopt(easy_, CURLOPT_HTTP_VERSION, version) == CURLE_OK;
}

bool HttpClient::prepare_signing(const AwsSigning& signing) {
  const std::string scope = "aws:amz:" + signing.region + ":" + signing.service;
  const auto set = [&](CURLoption option, const std::string& value) {
    return curl_.easy_setopt(easy_, option, value.c_str()) == CURLE_OK;
  };
  return set(CURLOPT_AWS_SIGV4, scope) && set(CURLOPT_USERNAME, signing.access_key_id) &&
         set(CURLOPT_PASSWORD, signing.secret_access_key);
}

Result<HttpResponse> HttpClient::post(const std::string& body,
                                      const std::vector<std::string>& headers, milliseconds timeout,
                                      const Deadline& deadline) {
  HeaderList list(curl_);
  for (const auto& [name, value] : options_.headers) list.add(name, value);
  for (const std::string& line : headers) list.add(line);
  if (!options_.signing) {
    // No 100-continue: it would cost a round trip. Signing would count the line as a header.
    list.add("Expect:");
  } else if (!options_.signing->session_token.empty()) {
    list.add("X-Amz-Security-Token", options_.signing->session_token);
  }
  curl_.easy_setopt(easy_, CURLOPT_HTTPHEADER, list.get());
  curl_.easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
  curl_.easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_.easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));

  const CURLcode code = transfer(deadline);
  curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &response_.status);
  if (code == CURLE_OK || (response_.cut && response_.status != 0)) return std::move(response_);
  std::string reason = reason_[0] ? reason_ : curl_.easy_strerror(code);
  const std::string hint = is_foreign(code) ? "; expected " + options_.expects + " there" : "";
  const std::string& where = options_.unix_socket;
  return fail(ExitCode::kUnreachable, (where.empty() ? origin(options_.url) : where) + ": " +
                                          without_jargon(std::move(reason)) + hint);
}

CURLcode HttpClient::transfer(const Deadline& deadline) {
  if (!told_once_) return perform(deadline);
  if (kept_) {
    // Without the connection this asks a new one for an upgrade, which gRPC servers refuse.
    curl_.easy_setopt(easy_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2_0});
    const CURLcode code = perform(deadline);
    if (code == CURLE_OK || code == CURLE_OPERATION_TIMEDOUT) return code;
  }
  curl_.easy_setopt(easy_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE});
  const CURLcode code = perform(deadline);
  kept_ = code == CURLE_OK;
  return code;
}

CURLcode HttpClient::perform(const Deadline& deadline) {
  response_ = {};
  reason_[0] = '\0';
  curl_.multi_add_handle(multi_, easy_);
  CURLcode result = CURLE_OPERATION_TIMEDOUT;
  for (int running = 1; running > 0 && !deadline.passed();) {
    if (curl_.multi_perform(multi_, &running) != CURLM_OK) break;
    int left = 0;
    while (const CURLMsg* message = curl_.multi_info_read(multi_, &left)) {
      if (message->msg == CURLMSG_DONE) result = message->data.result;
    }
    const auto wait = static_cast<int>(std::min(kGlance, deadline.left()).count());
    if (running > 0) curl_.multi_poll(multi_, nullptr, 0, wait, nullptr);
  }
  curl_.multi_remove_handle(multi_, easy_);
  return result;
}

}  // namespace weft::http
