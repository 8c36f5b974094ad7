// SPDX-License-Identifier: Apache-2.0
// A layer above sockets: two functions that encrypt what they send and decrypt what they receive.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>

#include "tests/kernel/probes_fixture.h"
#include "tests/kernel/socket_pair.h"

// The library. An object stands for a connection, as an SSL does; what is sent twice, once by each
// of two functions, leaves once: a library's functions call each other.
struct WeftTestSeal {
  int fd;
};
[[gnu::noinline]] inline long weft_test_seal(WeftTestSeal* seal, const char* bytes, size_t n) {
  std::string sealed(bytes, n);
  for (char& byte : sealed) byte = static_cast<char>(byte ^ 0x5a);
  return ::write(seal->fd, sealed.data(), n);
}
inline long (*volatile weft_test_seal_inner)(WeftTestSeal*, const char*, size_t) = weft_test_seal;
// 1: success, as SSL_write_ex has it.
[[gnu::noinline]] inline int weft_test_seal_ex(WeftTestSeal* seal, const char* bytes, size_t n,
                                               size_t* moved) {
  *moved = static_cast<size_t>(weft_test_seal_inner(seal, bytes, n));
  return 1;
}
[[gnu::noinline]] inline long weft_test_unseal(WeftTestSeal* seal, char* bytes, size_t n) {
  const long have = ::read(seal->fd, bytes, n);
  for (long i = 0; i < have; ++i) bytes[i] = static_cast<char>(bytes[i] ^ 0x5a);
  return have;
}

namespace weft::kernel {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace testing;

long (*volatile seal)(WeftTestSeal*, const char*, size_t) = weft_test_seal;
int (*volatile seal_ex)(WeftTestSeal*, const char*, size_t, size_t*) = weft_test_seal_ex;
long (*volatile unseal)(WeftTestSeal*, char*, size_t) = weft_test_unseal;

constexpr std::string_view kRequest = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kResponse = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

class PlainTest : public KernelFixture {
 protected:
  PlainTest() : KernelFixture("library bytes") {}

  struct Layer {
    weft_ev_open open;
    std::string bytes[2];                        // by enum weft_dir
    uint64_t pos[2] = {UINT64_MAX, UINT64_MAX};  // of the first byte
    bool closed = false;
  };
  void push(const Event& event) override {
    if (event.head->type == WEFT_EV_CLOSE) {
      const auto& close = event.as<weft_ev_close>();
      if (close.how & WEFT_CLOSE_GONE) closed_.push_back(close.conn);
    }
    if (static_cast<pid_t>(event.head->pid) != child_) return;
    if (event.head->type == WEFT_EV_OPEN) {
      layers_[event.as<weft_ev_open>().conn].open = event.as<weft_ev_open>();
    }
    if (event.head->type != WEFT_EV_DATA) return;
    const auto& data = event.as<weft_ev_data>();
    Layer& layer = layers_[data.conn];
    layer.bytes[data.dir] += event.tail<weft_ev_data>();
    layer.pos[data.dir] = std::min(layer.pos[data.dir], data.pos);
  }
  void attach(auto* function, weft_layer_op op, const weft_fetch& moved = {}) {
    for (const weft_probe_kind kind : {WEFT_PROBE_LAYER, WEFT_PROBE_LAYER_RETURN}) {
      weft_probe spec{};
      spec.kind = kind;
      spec.op = op;
      spec.value[0] = argument(0);
      spec.value[1] = argument(1);
      spec.value[2] = moved;
      const CompiledProbe probe{.binary = "/proc/self/exe",
                                .offset = file_offset(address_of(function)).value_or(0),
                                .spec = spec};
      const Result<uint32_t> number = object_->probes().attach(probe);
      ASSERT_TRUE(number) << number.error().message;
    }
  }
  void attach_all() {
    attach(weft_test_seal, WEFT_LAYER_SEND);
    attach(weft_test_seal_ex, WEFT_LAYER_SEND, argument(3));
    attach(weft_test_unseal, WEFT_LAYER_RECEIVE);
  }
  static void receive(WeftTestSeal& from, size_t n, size_t piece = SIZE_MAX) {
    std::string buffer(n, '\0');
    for (size_t have = 0; have < n;) {
      have += static_cast<size_t>(unseal(&from, buffer.data() + have, std::min(n - have, piece)));
    }
  }
  const Layer* layer(weft_role role) const {
    for (const auto& [id, layer] : layers_) {
      if (layer.open.role == role) return &layer;
    }
    return nullptr;
  }
  void expect_whole(size_t requests) const {
    std::string asked, answered;
    for (size_t i = 0; i < requests; ++i) {
      asked += kRequest;
      answered += kResponse;
    }
    for (const weft_role role : {WEFT_ROLE_CLIENT, WEFT_ROLE_SERVER}) {
      ASSERT_NE(layer(role), nullptr) << role;
      const Layer& found = *layer(role);
      const bool server = role == WEFT_ROLE_SERVER;
      EXPECT_EQ(found.bytes[server ? WEFT_DIR_RX : WEFT_DIR_TX], asked);
      EXPECT_EQ(found.bytes[server ? WEFT_DIR_TX : WEFT_DIR_RX], answered);
      EXPECT_EQ(found.pos[WEFT_DIR_RX], 0u);
      EXPECT_EQ(found.pos[WEFT_DIR_TX], 0u);
      EXPECT_NE(found.open.transport, 0u);
      EXPECT_NE(found.open.local_port, 0u) << "the ends are the connection's";
      EXPECT_THAT(closed_, ::testing::Contains(found.open.transport));
    }
  }

  std::map<uint64_t, Layer> layers_;
  std::vector<uint64_t> closed_;
};

TEST_F(PlainTest, WhatTheFunctionsTakeAndReturnAreTheMessages) {
  attach_all();
  ASSERT_EQ(run([] {
              const Pair pair = Pair::connected();
              WeftTestSeal client{pair.client}, server{pair.server};
              for (int i = 0; i < 3; ++i) {
                seal(&client, kRequest.data(), kRequest.size());
                receive(server, kRequest.size());
                size_t moved = 0;
                seal_ex(&server, kResponse.data(), kResponse.size(), &moved);
                receive(client, kResponse.size(), 7);
              }
              return 0;
            }),
            0);
  EXPECT_THAT(layers_, SizeIs(2)) << "the sockets themselves have no messages";
  expect_whole(3);
}

TEST_F(PlainTest, WithoutTheFunctionsThereIsNothing) {
  ASSERT_EQ(run([] {
              const Pair pair = Pair::connected();
              WeftTestSeal client{pair.client}, server{pair.server};
              seal(&client, kRequest.data(), kRequest.size());
              receive(server, kRequest.size());
              return 0;
            }),
            0);
  EXPECT_THAT(layers_, IsEmpty());
}

// As STARTTLS does: the connection spoke plainly first.
TEST_F(PlainTest, AConnectionMayGetALayerLater) {
  attach_all();
  ASSERT_EQ(run([] {
              const Pair pair = Pair::connected();
              pair.ask(kRequest);
              pair.answer(kResponse);
              WeftTestSeal client{pair.client}, server{pair.server};
              seal(&client, kRequest.data(), kRequest.size());
              receive(server, kRequest.size());
              seal(&server, kResponse.data(), kResponse.size());
              receive(client, kResponse.size());
              return 0;
            }),
            0);
  EXPECT_THAT(layers_, SizeIs(4));
  size_t above = 0;
  for (const auto& [id, layer] : layers_) {
    above += layer.open.transport != 0 ? 1 : 0;
    EXPECT_EQ(layer.bytes[0].size() + layer.bytes[1].size(), kRequest.size() + kResponse.size());
  }
  EXPECT_EQ(above, 2u);
}

// The same object for one connection after the other, as where memory is used again.
TEST_F(PlainTest, AnObjectBeginsAnewWithItsNextConnection) {
  attach_all();
  ASSERT_EQ(run([] {
              WeftTestSeal client{}, server{};
              for (int i = 0; i < 2; ++i) {
                const Pair pair = Pair::connected();
                client.fd = pair.client;
                server.fd = pair.server;
                seal(&client, kRequest.data(), kRequest.size());
                receive(server, kRequest.size());
                ::close(pair.client);
                ::close(pair.server);
              }
              return 0;
            }),
            0);
  ASSERT_THAT(layers_, SizeIs(4));
  for (const auto& [id, layer] : layers_) {
    EXPECT_EQ(layer.bytes[0] + layer.bytes[1], kRequest);
    EXPECT_EQ(std::min(layer.pos[0], layer.pos[1]), 0u);
  }
}

}  // namespace
}  // namespace weft::kernel
