// SPDX-License-Identifier: Apache-2.0
// The options common to all HTTP exporters, and the client made from them.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "agent/http/http_client.h"
#include "agent/port/exporter.h"

namespace weft::http {

inline constexpr ExporterOption kHeaders{"headers", OptionType::kText, "", "",
                                         "sent with every request"};
inline constexpr ExporterOption kCompression{"compression", OptionType::kChoice, "none",
                                             "gzip|none", "of request bodies"};
inline constexpr ExporterOption kTimeout{"timeout", OptionType::kMilliseconds, "10000", "",
                                         "of one request; 0: none of its own"};
inline constexpr ExporterOption kCaFile{"tls.ca_file", OptionType::kPath, "", "",
                                        "PEM of the trusted authorities; default: the system's"};
inline constexpr ExporterOption kKeyFile{"tls.key_file", OptionType::kPath, "", "",
                                         "PEM of the client's private key"};
inline constexpr ExporterOption kCertFile{"tls.cert_file", OptionType::kPath, "", "",
                                          "PEM of the client's certificate"};

inline constexpr ExporterOption kSigningRegion{
    "sigv4.region", OptionType::kText, "", "",
    "sign requests for AWS, for a service of this region; default: not signed"};
inline constexpr ExporterOption kSigningService{"sigv4.service", OptionType::kText, "xray", "",
                                                "the service's name in the signature"};
inline constexpr ExporterOption kAccessKeyId{"sigv4.access_key_id", OptionType::kText,   "",  "",
                                             "for sigv4",           "AWS_ACCESS_KEY_ID", true};
inline constexpr ExporterOption kSecretAccessKey{"sigv4.secret_access_key",
                                                 OptionType::kText,
                                                 "",
                                                 "",
                                                 "for sigv4",
                                                 "AWS_SECRET_ACCESS_KEY",
                                                 true};
inline constexpr ExporterOption kSessionToken{"sigv4.session_token",
                                              OptionType::kText,
                                              "",
                                              "",
                                              "for sigv4, of temporary credentials",
                                              "AWS_SESSION_TOKEN",
                                              true};

// kTimeout's value.
std::chrono::milliseconds timeout_of(const ExporterSettings& settings);

// Where requests go: "http://host:port/path", or "unix:///path/of/a/socket".
struct Target {
  std::string url{};
  std::string unix_socket{};
};
// path: the request's path if `url` is a socket.
Target target_of(std::string_view url, std::string_view path);

// Makes a client with the settings' headers, TLS files and signing; expects: HttpOptions::expects.
// Error kConfig: a file that cannot be read, a header with a line break, signing without
// credentials; kFailure: no libcurl.
Result<std::unique_ptr<HttpClient>> make_client(const ExporterSettings& settings, Target target,
                                                HttpVersion version, std::string expects);

}  // namespace weft::http
