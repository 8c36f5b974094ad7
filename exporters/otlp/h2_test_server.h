// SPDX-License-Identifier: Apache-2.0
// Test support: a gRPC server reduced to what a unary call shows of one (h2c, loopback).
#pragma once

#include <arpa/inet.h>
#include <functional>
#include <map>
#include <mutex>
#include <nghttp2/nghttp2.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "agent/base/fd.h"

namespace weft::otlp {

class H2TestServer {
 public:
  using Headers = std::map<std::string, std::string>;
  struct Request {
    Headers headers;
    std::string body;
    int connection = 0;
  };
  struct Response {
    Headers headers{{":status", "200"}, {"content-type", "application/grpc"}};
    std::string body{};
    Headers trailers{};  // none: a headers-only answer
  };
  using Handler = std::function<Response(const Request&)>;

  explicit H2TestServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = Fd(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_.get(), plain, size) != 0 || listen(listener_.get(), 8) != 0) abort();
    getsockname(listener_.get(), plain, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~H2TestServer() {
    shutdown(listener_.get(), SHUT_RDWR);
    {
      const std::lock_guard lock(mutex_);
      shutdown(current_, SHUT_RDWR);
    }
    thread_.join();
  }
  // Ends the current connection and waits for the next one.
  void hang_up() {
    const std::lock_guard lock(mutex_);
    shutdown(current_, SHUT_RDWR);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  struct Stream {
    Request request;
    Response response;
    size_t sent = 0;
  };

  void serve() {
    for (int n = 1;; ++n) {
      const Fd connection(accept(listener_.get(), nullptr, nullptr));
      if (!connection.valid()) return;
      {
        const std::lock_guard lock(mutex_);
        current_ = connection.get();
      }
      connection_number_ = n;
      talk(connection.get());
      const std::lock_guard lock(mutex_);
      current_ = -1;
    }
  }

  void talk(int fd) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session* session = nullptr;
    nghttp2_session_server_new(&session, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
    uint8_t in[16384];
    while (flush(session, fd)) {
      const ssize_t n = recv(fd, in, sizeof in, 0);
      if (n <= 0 || nghttp2_session_mem_recv(session, in, static_cast<size_t>(n)) < 0) break;
    }
    nghttp2_session_del(session);
    streams_.clear();
  }

  static bool flush(nghttp2_session* session, int fd) {
    for (;;) {
      const uint8_t* out = nullptr;
      const ssize_t n = nghttp2_session_mem_send(session, &out);
      if (n <= 0) return n == 0;
      if (send(fd, out, static_cast<size_t>(n), MSG_NOSIGNAL) != n) return false;
    }
  }

  static H2TestServer& self(void* user) { return *static_cast<H2TestServer*>(user); }

  static int on_begin(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    self(user).streams_[frame->hd.stream_id].request.connection = self(user).connection_number_;
    return 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                       size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                       void* user) {
    auto& headers = self(user).streams_[frame->hd.stream_id].request.headers;
    headers[std::string(name, name + name_size)] = std::string(value, value + value_size);
    return 0;
  }
  static int on_data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                     void* user) {
    self(user).streams_[id].request.body.append(data, data + size);
    return 0;
  }
  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    const bool may_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (may_end && frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
      self(user).answer(session, frame->hd.stream_id);
    }
    return 0;
  }

  static std::vector<nghttp2_nv> as_nv(const Headers& headers) {
    std::vector<nghttp2_nv> out;
    for (const auto& [name, value] : headers) {
      out.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                     reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(),
                     value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return out;
  }

  void answer(nghttp2_session* session, int32_t id) {
    Stream& stream = streams_[id];
    stream.response = handler_(stream.request);
    const auto headers = as_nv(stream.response.headers);
    nghttp2_data_provider body{};
    body.source.ptr = &stream;
    body.read_callback = read_body;
    const bool only_headers = stream.response.trailers.empty() && stream.response.body.empty();
    nghttp2_submit_response(session, id, headers.data(), headers.size(),
                            only_headers ? nullptr : &body);
  }

  static ssize_t read_body(nghttp2_session* session, int32_t id, uint8_t* to, size_t room,
                           uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const size_t n = stream.response.body.copy(reinterpret_cast<char*>(to), room, stream.sent);
    stream.sent += n;
    if (stream.sent < stream.response.body.size()) return static_cast<ssize_t>(n);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!stream.response.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto trailers = as_nv(stream.response.trailers);
      nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
    }
    return static_cast<ssize_t>(n);
  }

  Handler handler_;
  Fd listener_;
  uint16_t port_ = 0;
  std::mutex mutex_;
  int current_ = -1;
  int connection_number_ = 0;
  std::map<int32_t, Stream> streams_;
  std::thread thread_;
};

}  // namespace weft::otlp
