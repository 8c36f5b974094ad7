// SPDX-License-Identifier: Apache-2.0
// Every send and receive system call, on every hook type this kernel offers: the bytes that a
// child process moves over loopback must arrive in the rings, at positions that agree.
#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/fd.h"
#include "agent/kernel/object.h"
#include "agent/kernel/reader.h"
#include "tests/kernel/pairs.h"

namespace weft::kernel {
namespace {

using weft::kernel::testing::connected_pair;
using weft::kernel::testing::Family;
using weft::kernel::testing::family_name;

using std::chrono::milliseconds;

// The child sends it in two pieces where the call takes a vector.
constexpr std::string_view kHead = "GET /capture HTTP/1.1\r\nHost: test\r\n";
constexpr std::string_view kTail = "X-End: yes\r\n\r\n";
const std::string kMessage = std::string(kHead) + std::string(kTail);

struct Vectors {
  iovec parts[2] = {{const_cast<char*>(kHead.data()), kHead.size()},
                    {const_cast<char*>(kTail.data()), kTail.size()}};
  mmsghdr message{};
  Vectors() {
    message.msg_hdr.msg_iov = parts;
    message.msg_hdr.msg_iovlen = 2;
  }
};

using Send = void (*)(int fd);
using Receive = void (*)(int fd, char* buffer, size_t size);
struct Call {
  const char* name;
  Send send;
  Receive receive;
  bool late = false;  // the agent comes after the connection
};

void peek_and_receive(int fd, char* buffer, size_t size) {
  recv(fd, buffer, size, MSG_PEEK);
  recv(fd, buffer, size, 0);
}

const Call kCalls[] = {
    {"write_read", [](int fd) { (void)!write(fd, kMessage.data(), kMessage.size()); },
     [](int fd, char* b, size_t n) { (void)!read(fd, b, n); }},
    {"send_recv", [](int fd) { send(fd, kMessage.data(), kMessage.size(), 0); },
     [](int fd, char* b, size_t n) { recv(fd, b, n, 0); }},
    {"peeked", [](int fd) { send(fd, kMessage.data(), kMessage.size(), 0); }, peek_and_receive},
    {"late_peeked", [](int fd) { send(fd, kMessage.data(), kMessage.size(), 0); }, peek_and_receive,
     true},
    {"writev_readv",
     [](int fd) {
       const Vectors v;
       (void)!writev(fd, v.parts, 2);
     },
     [](int fd, char* b, size_t n) {
       const iovec parts[2] = {{b, 10}, {b + 10, n - 10}};
       (void)!readv(fd, parts, 2);
     }},
    {"sendmsg_recvmsg",
     [](int fd) {
       const Vectors v;
       sendmsg(fd, &v.message.msg_hdr, 0);
     },
     [](int fd, char* b, size_t n) {
       iovec parts[2] = {{b, 7}, {b + 7, n - 7}};
       msghdr m{};
       m.msg_iov = parts;
       m.msg_iovlen = 2;
       recvmsg(fd, &m, 0);
     }},
    {"sendmmsg_recvmmsg",
     [](int fd) {
       Vectors v;
       sendmmsg(fd, &v.message, 1, 0);
     },
     [](int fd, char* b, size_t n) {
       iovec part{b, n};
       mmsghdr m{};
       m.msg_hdr.msg_iov = &part;
       m.msg_hdr.msg_iovlen = 1;
       recvmmsg(fd, &m, 1, 0, nullptr);
     }},
};

struct Case {
  HookType type;
  Family family;
  const Call* call;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << hook_type_name(c.type) << "_" << family_name(c.family) << "_" << c.call->name;
}
std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  std::ostringstream name;
  name << info.param;
  return name.str();
}
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const HookType type :
       {HookType::kFentry, HookType::kTracepoint, HookType::kKprobe, HookType::kSyscall}) {
    for (const Family family : {Family::kTcp4, Family::kTcp6, Family::kUnix}) {
      for (const Call& call : kCalls) cases.push_back({type, family, &call});
    }
  }
  return cases;
}

// What arrived from one process, by direction.
class Capture : public EventSink {
 public:
  struct Side {
    std::string bytes;
    uint64_t first = 0;
    uint32_t moved = 0;
  };
  void push(const Event& event) override {
    if (event.head->type != WEFT_EV_DATA || event.head->pid != pid) return;
    const auto& data = event.as<weft_ev_data>();
    Side& side = sides[data.dir];
    if (side.moved == 0) side.first = data.pos;
    const uint64_t end = side.first + side.moved;
    if (data.pos + data.len <= end) return;  // said twice
    side.bytes += event.tail<weft_ev_data>();
    side.moved += data.len;
  }
  uint32_t pid = 0;
  Side sides[2];
};

// In the child: moves the message once, after the parent says go.
[[noreturn]] void play(const Case& c, int parent) {
  char buffer[512];
  int fds[2];
  const bool late = c.call->late;
  if ((late && !connected_pair(c.family, fds)) || write(parent, "r", 1) != 1) _exit(1);
  if (read(parent, buffer, 1) != 1 || (!late && !connected_pair(c.family, fds))) _exit(1);
  c.call->send(fds[0]);
  pollfd ready{fds[1], POLLIN, 0};
  poll(&ready, 1, 2000);
  c.call->receive(fds[1], buffer, sizeof buffer);
  _exit(0);
}

class CaptureTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    int fds[2];
    if (!connected_pair(GetParam().family, fds)) GTEST_SKIP() << "no loopback of this family here";
    for (const int fd : fds) close(fd);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control_), 0);
    child_ = fork();
    if (child_ == 0) play(GetParam(), control_[1]);
    char ready = 0;
    ASSERT_EQ(read(control_[0], &ready, 1), 1);
  }
  void TearDown() override { finish(); }

  // Lets the child move its message; its exit code.
  int go() {
    EXPECT_EQ(write(control_[0], "g", 1), 1);
    return finish();
  }

  pid_t child_ = 0;

 private:
  int finish() {
    if (child_ == 0) return 0;
    int status = 0;
    shutdown(control_[0], SHUT_RDWR);  // a child that still waits gives up
    waitpid(child_, &status, 0);
    for (const int fd : control_) close(fd);
    child_ = 0;
    return WEXITSTATUS(status);
  }

  int control_[2] = {};
};

TEST_P(CaptureTest, ShowsWhatWasMoved) {
  const Case& c = GetParam();
  auto features = Features::probe();
  if (!features) GTEST_SKIP() << features.error().message;
  KernelOptions options;
  options.hooks = c.type;
  auto object = Object::start(options, *features, {}, {});
  if (!object) GTEST_SKIP() << object.error().message;
  CounterSet counters;
  Capture capture;
  capture.pid = static_cast<uint32_t>(child_);
  auto reader = Reader::make(**object, capture, counters);
  ASSERT_TRUE(reader);

  const int status = go();
  for (int i = 0; i < 3; ++i) (*reader)->poll(milliseconds(5));
  (*reader)->flush();

  EXPECT_EQ(status, 0) << "the child could not move its message";
  const Capture::Side& sent = capture.sides[WEFT_DIR_TX];
  const Capture::Side& received = capture.sides[WEFT_DIR_RX];
  EXPECT_EQ(sent.bytes, kMessage);
  EXPECT_EQ(received.bytes, kMessage);
  EXPECT_EQ(sent.moved, kMessage.size());
  EXPECT_EQ(received.moved, kMessage.size());
  if (c.family != Family::kUnix) {
    EXPECT_EQ(static_cast<uint32_t>(sent.first), static_cast<uint32_t>(received.first))
        << "the two ends must name the same sequence number";
  }
}

INSTANTIATE_TEST_SUITE_P(HookTypes, CaptureTest, ::testing::ValuesIn(all_cases()), case_name);

}  // namespace
}  // namespace weft::kernel
