// SPDX-License-Identifier: Apache-2.0
// Test support: an HTTP/1.1 server on loopback that keeps every POST and sends given responses.
#pragma once

#include <functional>
#include <httplib.h>
#include <string>
#include <thread>
#include <vector>

namespace weft {

class PostServer {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit PostServer(const std::string& path, Handler handler) : path_(path) {
    server_.Post(path, [this, handler](const auto& request, auto& response) {
      requests.push_back(request);
      handler(request, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~PostServer() {
    server_.stop();
    thread_.join();
  }
  PostServer(const PostServer&) = delete;
  PostServer& operator=(const PostServer&) = delete;

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return origin() + path_; }

  std::vector<httplib::Request> requests;  // read it once the client has its response

 private:
  const std::string path_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

inline PostServer::Handler answer(int status, std::string body = "",
                                  std::string type = "text/plain") {
  return [=](const httplib::Request&, httplib::Response& response) {
    response.status = status;
    if (!body.empty()) response.set_content(body, type);
  };
}

}  // namespace weft
