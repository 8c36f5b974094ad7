// SPDX-License-Identifier: Apache-2.0
#include "agent/http/options.h"

#include <charconv>
#include <unistd.h>

namespace weft::http {
namespace {

constexpr std::string_view kUnix = "unix://";

Status check_file(const ExporterSettings& settings, std::string_view key) {
  const std::string path(settings.get(key));
  if (path.empty() || access(path.c_str(), R_OK) == 0) return {};
  return fail(ExitCode::kConfig, std::string(key) + ": cannot read " + path);
}

Status check(const ExporterSettings& settings) {
  for (const std::string_view key : {kCaFile.key, kCertFile.key, kKeyFile.key}) {
    if (Status status = check_file(settings, key); !status) return status;
  }
  for (const auto& [name, value] : settings.headers) {
    if ((name + value).find_first_of("\r\n") == std::string::npos) continue;
    return fail(ExitCode::kConfig, "headers: '" + name + "' has a line break");
  }
  return {};
}

}  // namespace

std::chrono::milliseconds timeout_of(const ExporterSettings& settings) {
  const std::string_view text = settings.get(kTimeout.key, kTimeout.fallback);
  int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return std::chrono::milliseconds(ms);
}

Target target_of(std::string_view url, std::string_view path) {
  if (!url.starts_with(kUnix)) return {.url = std::string(url)};
  return {.url = "http://localhost" + std::string(path),
          .unix_socket = std::string(url.substr(kUnix.size()))};
}

Result<std::unique_ptr<HttpClient>> make_client(const ExporterSettings& settings, Target target,
                                                HttpVersion version, std::string expects) {
  if (Status status = check(settings); !status) return std::unexpected(status.error());
  return HttpClient::make({.url = std::move(target.url),
                           .unix_socket = std::move(target.unix_socket),
                           .version = version,
                           .headers = settings.headers,
                           .tls = {.ca = std::string(settings.get(kCaFile.key)),
                                   .cert = std::string(settings.get(kCertFile.key)),
                                   .key = std::string(settings.get(kKeyFile.key))},
                           .expects = std::move(expects)});
}

}  // namespace weft::http
