// SPDX-License-Identifier: Apache-2.0
// Parcels for a server that reports the result by the HTTP status only: how spans are divided into
// requests, and how one is sent.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "agent/http/compression.h"
#include "agent/http/http_client.h"
#include "agent/port/exporter.h"

namespace weft::http {

class Poster {
 public:
  struct Format {
    std::string content_type;
    Compression compression = Compression::kNone;
    size_t max_request = 8u << 20;  // bytes before compression; servers begin to refuse at 10 MiB
    std::chrono::milliseconds timeout{10'000};  // 0: only the caller's deadline
  };

  Poster(Format format, std::unique_ptr<HttpClient> client);

  // Appends parcels of at most max_request bytes to `out`. encode(spans) returns a request's body;
  // if it is too long, the spans are halved and encoded again. Elements are pointers to spans.
  template <class Pointer, class Encode>
  void pack(std::span<const Pointer> spans, const Encode& encode, Sender::Packed& out) const {
    if (spans.empty()) return;
    std::string body = encode(spans);
    if (body.size() <= format_.max_request) return add(std::move(body), spans.size(), out);
    if (spans.size() == 1) return refuse(body.size(), out);
    pack(spans.first(spans.size() / 2), encode, out);
    pack(spans.subspan(spans.size() / 2), encode, out);
  }

  // One thread, always the same.
  Delivery send(const Parcel& parcel, const Deadline& deadline);

 private:
  void add(std::string body, size_t spans, Sender::Packed& out) const;
  void refuse(size_t size, Sender::Packed& out) const;

  const Format format_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace weft::http
