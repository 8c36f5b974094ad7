// SPDX-License-Identifier: Apache-2.0
#include "agent/http/options.h"

#include <algorithm>
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

Status check_signing(const ExporterSettings& settings) {
  if (settings.get(kSigningRegion.key).empty()) return {};
  for (const ExporterOption& option : {kSigningRegion, kSigningService, kSessionToken}) {
    const std::string_view value = settings.get(option.key);
    if (std::ranges::all_of(value, [](unsigned char c) { return c > ' ' && c < 127; })) continue;
    return fail(ExitCode::kConfig, std::string(option.key) + " has a character that none has");
  }
  for (const ExporterOption& option : {kAccessKeyId, kSecretAccessKey}) {
    if (!settings.get(option.key).empty()) continue;
    return fail(ExitCode::kConfig, "sigv4.region needs " + std::string(option.key) + ", or " +
                                       std::string(option.variable) + " in the environment");
  }
  return {};
}

std::optional<AwsSigning> signing_of(const ExporterSettings& settings) {
  const auto value = [&](const ExporterOption& option) {
    return std::string(settings.get(option.key, option.fallback));
  };
  if (settings.get(kSigningRegion.key).empty()) return std::nullopt;
  return AwsSigning{.region = value(kSigningRegion),
                    .service = value(kSigningService),
                    .access_key_id = value(kAccessKeyId),
                    .secret_access_key = value(kSecretAccessKey),
                    .session_token = value(kSessionToken)};
}

Status check(const ExporterSettings& settings) {
  for (const std::string_view key : {kCaFile.key, kCertFile.key, kKeyFile.key}) {
    if (Status status = check_file(settings, key); !status) return status;
  }
  if (Status status = check_signing(settings); !status) return status;
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
                           .expects = std::move(expects),
                           .signing = signing_of(settings)});
}

}  // namespace weft::http
