// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/server.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <httplib.h>
#include <mutex>
#include <netdb.h>
#include <thread>

#include "agent/base/fd.h"
#include "agent/base/loopback.h"

namespace weft {
namespace {

constexpr size_t kWorkers = 2;  // one slow reader must not hide /healthz
constexpr time_t kClientSeconds = 2;

std::string endpoint(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// Whether everything in the request that names a host means loopback: exactly one Host field, and
// the target if it is absolute ("GET http://host/status").
bool asks_loopback(const httplib::Request& request) {
  if (request.get_header_value_count("Host") != 1) return false;
  if (!is_loopback_authority(request.get_header_value("Host"))) return false;
  const std::string_view target = request.target;
  if (target.starts_with('/')) return true;
  const size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view authority = target.substr(scheme + 3);
  return is_loopback_authority(authority.substr(0, authority.find_first_of("/?#")));
}

// Replaces the library's default, SO_REUSEPORT, with which two agents could share a port.
void set_socket_options(int fd) {
  const int on = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

// Finds out why the address cannot be bound: the library does not say.
Error bind_error(const std::string& host, uint16_t port) {
  const std::string what = "admin endpoint " + endpoint(host, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  if (getaddrinfo(host.c_str(), service.c_str(), &hints, &found) != 0 || !found) {
    return {what + ": the host is not an address of this machine", ExitCode::kConfig};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  const Fd fd(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.valid()) set_socket_options(fd.get());
  if (fd.valid() && bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 && errno != EADDRINUSE) {
    return {what + ": " + std::strerror(errno), ExitCode::kConfig};
  }
  return {what + " is in use: choose another with --admin HOST:PORT, or --admin off",
          ExitCode::kAddressInUse};
}

}  // namespace

struct AdminServer::Impl {
  httplib::Server http;
  Source source;
  std::mutex mutex;  // one report at a time
  uint16_t port = 0;
  std::atomic<bool> ended = false;  // the thread no longer listens
  std::thread thread;

  StatusReport report() {
    const std::lock_guard lock(mutex);
    return source();
  }

  // A web page may reach loopback under a name of its own (DNS rebinding).
  void refuse_other_names() {
    http.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      if (asks_loopback(request)) {
        return httplib::Server::HandlerResponse::Unhandled;
      }
      response.status = 403;
      response.set_content("ask by a loopback name\n", "text/plain");
      return httplib::Server::HandlerResponse::Handled;
    });
  }

  void add_routes() {
    http.Get("/healthz", [this](const httplib::Request&, httplib::Response& response) {
      const bool ready = report().ready;
      response.status = ready ? 200 : 503;
      response.set_content(ready ? "ok\n" : "starting\n", "text/plain");
    });
    http.Get("/status", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(to_json(report()) + "\n", "application/json");
    });
    http.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(to_prometheus(report()), "text/plain; version=0.0.4; charset=utf-8");
    });
  }
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<AdminServer>> AdminServer::start(const std::string& host, uint16_t port,
                                                        Source source) {
  auto impl = std::make_unique<Impl>();
  impl->source = std::move(source);
  impl->http.new_task_queue = [] { return new httplib::ThreadPool(kWorkers); };
  impl->http.set_socket_options(set_socket_options);
  impl->http.set_payload_max_length(0);
  // A connection that is kept delays the agent's end until it times out.
  impl->http.set_keep_alive_timeout(1);  // seconds
  if (is_loopback(host)) impl->refuse_other_names();
  impl->add_routes();
  const bool given = port != 0 && impl->http.bind_to_port(host.c_str(), port);
  const int bound = given ? port : port == 0 ? impl->http.bind_to_any_port(host.c_str()) : -1;
  if (bound <= 0) return std::unexpected(bind_error(host, port));
  impl->port = static_cast<uint16_t>(bound);
  impl->thread = std::thread([raw = impl.get()] {
    raw->http.listen_after_bind();
    raw->ended = true;
  });
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::~AdminServer() {
  // stop() has no effect until the thread has begun to listen.
  while (!impl_->http.is_running() && !impl_->ended) std::this_thread::yield();
  impl_->http.stop();
  impl_->thread.join();
}

uint16_t AdminServer::port() const {
  return impl_->port;
}

Result<StatusReport> fetch_status(const std::string& host, uint16_t port) {
  const auto nobody = [&] {
    return fail(ExitCode::kUnreachable,
                "no agent answers at " + endpoint(host, port) +
                    ": start one with `weft run`, or name its endpoint with --admin");
  };
  httplib::Client client(host, port);
  client.set_connection_timeout(kClientSeconds);
  client.set_read_timeout(kClientSeconds);
  client.set_write_timeout(kClientSeconds);
  const auto answer = client.Get("/status");
  if (!answer || answer->status != 200) return nobody();
  auto report = status_from_json(answer->body);
  return report ? std::move(report) : nobody();
}

}  // namespace weft
