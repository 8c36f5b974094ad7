// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/console_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "exporters/console/sample_trace.h"

namespace weft::console {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A FILE that is a string.
struct Memory {
  Memory() : file(open_memstream(&data, &size)) {}
  ~Memory() {
    fclose(file);
    free(data);
  }
  std::string text() {
    fflush(file);
    return std::string(data, size);
  }
  char* data = nullptr;
  size_t size = 0;
  FILE* file;
};

struct ConsoleTest : testing::Test {
  std::unique_ptr<ConsoleExporter> make(FILE* file, Format format) {
    return std::make_unique<ConsoleExporter>(file, format, Look{}, [this] { return now; });
  }
  const Deadline deadline = Deadline::in(1h);
  TraceBuffer::Clock::time_point now{1h};
  Memory memory;
};

TEST_F(ConsoleTest, PrintsATraceShortlyAfterItsRoot) {
  const auto exporter = make(memory.file, Format::kTree);
  const auto delivery = exporter->deliver(sample_trace(), deadline);
  EXPECT_EQ(delivery.kind, Delivery::Kind::kDelivered);
  EXPECT_EQ(delivery.call_again, 100ms);
  EXPECT_EQ(memory.text(), "");
  now += 100ms;
  EXPECT_EQ(exporter->deliver({}, deadline).call_again, std::nullopt);
  EXPECT_EQ(memory.text(), draw(sample_trace(), {}, false));
}

TEST_F(ConsoleTest, PrintsWhatIsHeldAtTheEnd) {
  make(memory.file, Format::kTree)->deliver(sample_trace(), deadline);
  EXPECT_THAT(memory.text(), HasSubstr("/orders/7"));
}

TEST_F(ConsoleTest, JsonIsOneObjectPerSpanAtOnce) {
  const auto exporter = make(memory.file, Format::kJson);
  EXPECT_EQ(exporter->deliver(sample_trace(), deadline).call_again, std::nullopt);
  std::istringstream lines(memory.text());
  std::vector<std::string> services;
  for (std::string line; std::getline(lines, line);) {
    const auto span = nlohmann::json::parse(line);
    EXPECT_EQ(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
    services.push_back(span["resource"]["attributes"][0]["value"]["stringValue"]);
  }
  EXPECT_THAT(services, testing::ElementsAre("stock", "shop", "shop", "shop", "nginx"));
}

TEST_F(ConsoleTest, AnOutputThatIsGoneRefuses) {
  FILE* full = fopen("/dev/full", "w");
  if (!full) GTEST_SKIP() << "no /dev/full here";
  const auto delivery = make(full, Format::kJson)->deliver(sample_trace(), deadline);
  EXPECT_EQ(delivery.kind, Delivery::Kind::kRefused);
  EXPECT_THAT(delivery.message, HasSubstr("No space left"));
  fclose(full);
}

}  // namespace
}  // namespace weft::console
