// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/listen.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "agent/base/fd.h"
#include "agent/discover/proc/temp_tree.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

std::string row(const std::string& local, const std::string& state, int inode) {
  return "   0: " + local + " 00000000:0000 " + state +
         " 00000000:00000000 00:00000000 00000000     0        0 " + std::to_string(inode) +
         " 1 0000000000000000 100 0 0 10 0\n";
}

TEST(ListenTest, ReadsTheTable) {
  const std::string table = kHead + row("00000000:1F90", "0A", 11) +
                            row("0100007F:1F90", "0A", 12) + row("00000000:0016", "0A", 13) +
                            row("0100007F:1F90", "01", 14);
  EXPECT_THAT(listeners(table, 8080), ElementsAre(11u, 12u));
  EXPECT_THAT(listeners(table, 22), ElementsAre(13u));
  EXPECT_THAT(listeners(table, 80), IsEmpty());
}

TEST(ListenTest, ReadsVersion6) {
  const std::string table = kHead + row("00000000000000000000000000000000:01BB", "0A", 21);
  EXPECT_THAT(listeners(table, 443), ElementsAre(21u));
}

TEST(ListenTest, SurvivesAnything) {
  const std::string line = row("00000000:1F90", "0A", 11);
  for (size_t n = 0; n < line.size(); ++n) listeners(line.substr(0, n), 8080);
  for (const char* text : {"", "\n", ":", "a b c d e f g h i j", "0: :1F90 x 0A 0 0 0 0 0 -1"}) {
    EXPECT_THAT(listeners(text, 8080), IsEmpty()) << text;
  }
}

class ProcessListensTest : public ::testing::Test {
 protected:
  testing::TempTree tree;
};

TEST_F(ProcessListensTest, NeedsTheSocketAmongItsDescriptors) {
  tree.file("7/net/tcp", kHead + row("00000000:1F90", "0A", 11));
  tree.link("7/fd/0", "/dev/null");
  tree.link("7/fd/3", "socket:[12]");
  EXPECT_FALSE(process_listens(tree.path("7"), 8080));
  tree.link("7/fd/4", "socket:[11]");
  EXPECT_TRUE(process_listens(tree.path("7"), 8080));
  EXPECT_FALSE(process_listens(tree.path("7"), 8081));
  EXPECT_FALSE(process_listens(tree.path("8"), 8080)) << "it is gone";
}

TEST_F(ProcessListensTest, ReadsOnlyTheListeningPart) {
  std::string table = kHead + row("00000000:0050", "0A", 11);
  for (int i = 0; i < 10'000; ++i) table += row("0100007F:0051", "01", 1000 + i);
  table += row("00000000:1F90", "0A", 12);  // after connections, where the kernel never puts it
  tree.file("7/net/tcp", table);
  tree.link("7/fd/3", "socket:[11]");
  tree.link("7/fd/4", "socket:[12]");
  EXPECT_TRUE(process_listens(tree.path("7"), 80));
  EXPECT_FALSE(process_listens(tree.path("7"), 8080));
}

TEST_F(ProcessListensTest, SeesARealSocket) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(socket.get(), any, size), 0);
  ASSERT_EQ(::getsockname(socket.get(), any, &size), 0);
  const uint16_t port = ntohs(address.sin_port);
  EXPECT_FALSE(process_listens("/proc/self", port)) << "bound, but not listening";
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  EXPECT_TRUE(process_listens("/proc/self", port));
}

}  // namespace
}  // namespace weft
