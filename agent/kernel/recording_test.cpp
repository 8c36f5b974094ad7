// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/recording.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>

// The registry of this test: one protocol, whose redact() masks digits.
namespace weft {
namespace {
void mask_digits(std::span<char> payload) {
  for (char& c : payload) {
    if (c >= '0' && c <= '9') c = 'x';
  }
}
const Protocol kProtocols[] = {
    {.id = 1, .name = "masked", .make = nullptr, .sniff = nullptr, .redact = mask_digits},
    {.id = 2, .name = "opaque", .make = nullptr, .sniff = nullptr},
};
}  // namespace
std::span<const Protocol> protocols() {
  return kProtocols;
}
}  // namespace weft

namespace weft::kernel {
namespace {

class Capture : public EventSink {
 public:
  void push(const Event& e) override {
    records.emplace_back(reinterpret_cast<const char*>(e.head), e.head->size);
  }
  std::string payload(size_t i) const { return records[i].substr(sizeof(weft_ev_data)); }
  std::vector<std::string> records;
};

std::vector<uint64_t> aligned(const void* head, size_t size, std::string_view tail) {
  std::vector<uint64_t> words((size + tail.size() + 7) / 8);
  std::memcpy(words.data(), head, size);
  std::memcpy(reinterpret_cast<char*>(words.data()) + size, tail.data(), tail.size());
  return words;
}

class RecordingTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("weft_recording_test_" + std::to_string(getpid()));
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void push(EventSink& sink, const std::vector<uint64_t>& words) {
    sink.push(Event{reinterpret_cast<const weft_event*>(words.data())});
  }
  void push_open(EventSink& sink, uint64_t conn, uint8_t protocol, uint32_t pid = 1) {
    weft_ev_open e{};
    e.h.type = WEFT_EV_OPEN;
    e.h.size = sizeof e;
    e.h.pid = pid;
    e.conn = conn;
    e.sock = 0xffff888800000000;
    e.protocol = protocol;
    push(sink, aligned(&e, sizeof e, ""));
  }
  void push_data(EventSink& sink, uint64_t conn, std::string_view bytes) {
    weft_ev_data e{};
    e.h.type = WEFT_EV_DATA;
    e.h.size = static_cast<uint32_t>(sizeof e + bytes.size());
    e.conn = conn;
    e.len = e.captured = static_cast<uint32_t>(bytes.size());
    push(sink, aligned(&e, sizeof e, bytes));
  }
  void push_file_io(EventSink& sink, uint32_t pid, std::string_view bytes) {
    weft_ev_file_io e{};
    e.h.type = WEFT_EV_FILE_IO;
    e.h.size = static_cast<uint32_t>(sizeof e + bytes.size());
    e.h.pid = pid;
    e.file = 9;
    e.op = WEFT_FILE_WRITE;
    e.result = 1000;
    e.captured = static_cast<uint32_t>(bytes.size());
    push(sink, aligned(&e, sizeof e, bytes));
  }
  void push_probe(EventSink& sink, uint32_t pid, std::string_view text) {
    weft_ev_probe e{};
    e.h.type = WEFT_EV_PROBE;
    e.h.size = sizeof e;
    e.h.pid = pid;
    e.value[0] = 42;
    e.text_len = static_cast<uint8_t>(text.size());
    std::memcpy(e.text, text.data(), text.size());
    push(sink, aligned(&e, sizeof e, ""));
  }
  void push_exec(EventSink& sink, std::string_view args, std::string_view environment) {
    weft_ev_exec e{};
    e.h.type = WEFT_EV_EXEC;
    e.h.size = static_cast<uint32_t>(sizeof e + args.size() + environment.size());
    e.args_len = static_cast<uint16_t>(args.size());
    e.env_len = static_cast<uint16_t>(environment.size());
    std::strcpy(e.path, "/usr/bin/python3");
    push(sink, aligned(&e, sizeof e, std::string(args) + std::string(environment)));
  }
  std::unique_ptr<Recorder> recorder(bool unredacted, Recorder::Describe describe = nullptr) {
    return std::move(*Recorder::create(path_, unredacted, live_, std::move(describe)));
  }
  Capture replayed() {
    Capture out;
    auto replay = Replay::open(path_);
    EXPECT_TRUE(replay && replay->run(out).has_value());
    return out;
  }
  std::string contents() {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }

  std::string path_;
  Capture live_;
};

TEST_F(RecordingTest, ReplaysWhatWasRecorded) {
  auto r = recorder(true);
  push_open(*r, 5, 1);
  push_data(*r, 5, "card 4111");
  ASSERT_TRUE(r->finish());
  const Capture out = replayed();
  EXPECT_EQ(out.records, live_.records);
  EXPECT_FALSE(Replay::open(path_)->redacted());
}

TEST_F(RecordingTest, RedactsPayloadsByTheirProtocol) {
  auto r = recorder(false);
  push_open(*r, 5, 1);
  push_data(*r, 5, "card 4111");
  push_open(*r, 6, 2);
  push_data(*r, 6, "secret");
  ASSERT_TRUE(r->finish());
  EXPECT_EQ(live_.payload(1), "card 4111");  // the live pipeline sees everything
  const Capture out = replayed();
  EXPECT_EQ(out.payload(1), "card xxxx");
  EXPECT_EQ(out.payload(3), "");
  EXPECT_EQ(contents().find("secret"), std::string::npos);
  EXPECT_TRUE(Replay::open(path_)->redacted());
}

TEST_F(RecordingTest, HasNoTextOfStatements) {
  auto r = recorder(false);
  const std::string secret(20, 'S');
  weft_ev_probe e{};
  e.h.type = WEFT_EV_PROBE;
  e.h.size = static_cast<uint32_t>(sizeof e + secret.size());
  e.text_len = static_cast<uint16_t>(sizeof e.text + secret.size());
  std::memset(e.text, 'S', sizeof e.text);
  push(*r, aligned(&e, sizeof e, secret));
  ASSERT_TRUE(r->finish());
  EXPECT_EQ(replayed().records.at(0).size(), sizeof e);
  EXPECT_EQ(contents().find("SS"), std::string::npos);
}

// Replay keeps records aligned; copies made here may not be.
template <class T>
T copy_of(const std::string& record) {
  T out{};
  EXPECT_GE(record.size(), sizeof out);
  std::memcpy(&out, record.data(), std::min(record.size(), sizeof out));
  return out;
}

TEST_F(RecordingTest, KeepsNamesOfFilesButNoAddresses) {
  weft_ev_file e{};
  e.h.type = WEFT_EV_FILE;
  e.h.size = sizeof e;
  e.key = {0xffff888800000000, 0xffff888800000001, 5};
  std::strcpy(e.name, "1.log");
  auto r = recorder(false);
  push(*r, aligned(&e, sizeof e, ""));
  ASSERT_TRUE(r->finish());
  const auto file = copy_of<weft_ev_file>(replayed().records.at(0));
  EXPECT_STREQ(file.name, "1.log");
  EXPECT_EQ(file.key.dentry, 0u);
  EXPECT_EQ(file.key.parent, 0u);
}

TEST_F(RecordingTest, DropsWhatWasWrittenToFiles) {
  auto r = recorder(false);
  push_file_io(*r, 1, "{\"card\": 4111}");
  ASSERT_TRUE(r->finish());
  EXPECT_EQ(live_.records.at(0).size(), sizeof(weft_ev_file_io) + 14);
  const std::string record = replayed().records.at(0);
  EXPECT_EQ(record.size(), sizeof(weft_ev_file_io));
  const auto io = copy_of<weft_ev_file_io>(record);
  EXPECT_EQ(io.captured, 0u);
  EXPECT_EQ(io.result, 1000) << "how much it was is no secret";
  EXPECT_EQ(contents().find("4111"), std::string::npos);
}

TEST_F(RecordingTest, KeepsNamesOfRenamedFiles) {
  weft_ev_rename e{};
  e.h.type = WEFT_EV_RENAME;
  e.h.size = sizeof e;
  std::strcpy(e.from, "1.tmp");
  std::strcpy(e.to, "1.json");
  auto r = recorder(false);
  push(*r, aligned(&e, sizeof e, ""));
  ASSERT_TRUE(r->finish());
  EXPECT_EQ(replayed().records, live_.records);
}

TEST_F(RecordingTest, UnredactedFilesAndCallsAreWhole) {
  auto r = recorder(true);
  push_file_io(*r, 1, "bytes");
  push_probe(*r, 1, "COMMIT");
  ASSERT_TRUE(r->finish());
  EXPECT_EQ(replayed().records, live_.records);
}

TEST_F(RecordingTest, KeepsOnlyWhatNamesAService) {
  using std::string_literals::operator""s;
  auto r = recorder(false);
  push_exec(*r, "python3\0app.py\0"s, "PASSWORD=hunter2\0OTEL_SERVICE_NAME=shop\0HOME=/root\0"s);
  ASSERT_TRUE(r->finish());
  const std::string record = replayed().records.at(0);
  EXPECT_EQ(record.substr(sizeof(weft_ev_exec)), "python3\0app.py\0OTEL_SERVICE_NAME=shop\0"s);
  EXPECT_EQ(contents().find("hunter2"), std::string::npos);
}

TEST_F(RecordingTest, IntroducesProcessesThatWereThereBefore) {
  int asked = 0;
  auto r = recorder(true, [&](uint32_t pid) {
    ++asked;
    weft_ev_exec e{};
    e.h.type = WEFT_EV_EXEC;
    e.h.size = sizeof e;
    e.h.pid = pid;
    const char* raw = reinterpret_cast<const char*>(&e);
    return std::vector<char>(raw, raw + sizeof e);
  });
  push_open(*r, 5, 1, /*pid=*/42);
  push_open(*r, 6, 1, /*pid=*/42);
  push_file_io(*r, /*pid=*/43, "");
  push_probe(*r, /*pid=*/44, "");
  ASSERT_TRUE(r->finish());
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(replayed().records.size(), 7u);
}

TEST_F(RecordingTest, RefusesWhatIsNoRecording) {
  EXPECT_EQ(Replay::open("/nonexistent/x").error().code, ExitCode::kBadRecording);
  write("not a recording at all, but long enough");
  EXPECT_NE(Replay::open(path_).error().message.find("not a weft recording"), std::string::npos);
}

TEST_F(RecordingTest, NamesTheByteWhereARecordingBreaks) {
  auto r = recorder(true);
  push_open(*r, 5, 1);
  push_data(*r, 5, "abc");
  ASSERT_TRUE(r->finish());
  const std::string whole = contents();
  write(whole.substr(0, whole.size() - 8));
  Capture out;
  const auto result = Replay::open(path_)->run(out);
  ASSERT_FALSE(result);
  EXPECT_EQ(out.records.size(), 1u);
  EXPECT_NE(result.error().message.find("at byte " + std::to_string(24 + sizeof(weft_ev_open))),
            std::string::npos);
}

// Truncated anywhere: one error line that names the file, and everything before it passed on.
TEST_F(RecordingTest, CutAtEveryByte) {
  auto r = recorder(true);
  push_open(*r, 5, 1);
  push_data(*r, 5, "abc");
  push_exec(*r, "sh", "");
  ASSERT_TRUE(r->finish());
  const std::string whole = contents();
  const size_t open_end = sizeof(weft_ev_open) + 24;
  for (size_t size = 0; size < whole.size(); ++size) {
    write(whole.substr(0, size));
    Capture out;
    auto replay = Replay::open(path_);
    const Result<uint64_t> events = replay ? replay->run(out) : std::unexpected(replay.error());
    if (events) {  // truncated between two records, it is a valid recording
      EXPECT_EQ(events.value(), out.records.size());
      EXPECT_TRUE(size == 24 || size >= open_end) << size;
      continue;
    }
    EXPECT_EQ(events.error().code, ExitCode::kBadRecording);
    EXPECT_NE(events.error().message.find(path_), std::string::npos);
    EXPECT_EQ(events.error().message.find('\n'), std::string::npos);
    EXPECT_EQ(out.records.empty(), size < open_end) << size;
  }
}

TEST_F(RecordingTest, AHugeHoleOrSizeTakesNoMemory) {
  auto r = recorder(true);
  push_open(*r, 5, 1);
  ASSERT_TRUE(r->finish());
  const std::string header = contents().substr(0, 24);
  std::filesystem::resize_file(path_, 100ull << 30);
  Capture out;
  EXPECT_FALSE(Replay::open(path_)->run(out));
  EXPECT_EQ(out.records.size(), 1u);
  weft_event claims{};
  claims.type = WEFT_EV_DATA;
  claims.size = 0xffffffff;
  write(header + std::string(reinterpret_cast<char*>(&claims), 24) + std::string(1000, '\0'));
  EXPECT_FALSE(Replay::open(path_)->run(out));
}

TEST_F(RecordingTest, IsReadFromAPipe) {
  auto r = recorder(true);
  for (int i = 0; i < 5000; ++i) push_data(*r, 5, std::string(100, 'b'));  // more than a buffer
  ASSERT_TRUE(r->finish());
  const std::string pipe = path_ + ".pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << contents(); });
  Capture out;
  auto replay = Replay::open(pipe);
  ASSERT_TRUE(replay);
  EXPECT_EQ(replay->run(out), 5000u);
  writer.join();
  std::filesystem::remove(pipe);
  EXPECT_EQ(out.records, live_.records);
}

TEST_F(RecordingTest, AFolderIsNoRecording) {
  const auto replay = Replay::open("/");
  ASSERT_FALSE(replay);
  EXPECT_EQ(replay.error().code, ExitCode::kBadRecording);
  EXPECT_NE(replay.error().message.find("Is a directory"), std::string::npos);
}

TEST_F(RecordingTest, AnotherVersionIsRefusedByName) {
  recorder(true)->finish();
  std::string bytes = contents();
  bytes[8] = 77;
  write(bytes);
  EXPECT_NE(Replay::open(path_).error().message.find("version 77"), std::string::npos);
}

TEST_F(RecordingTest, AFullDiskIsToldAtTheEnd) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  auto r = Recorder::create("/dev/full", true, live_, nullptr);
  ASSERT_TRUE(r);
  push_open(**r, 5, 1);
  const Status done = (*r)->finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ExitCode::kWriteFailed);
  EXPECT_EQ(live_.records.size(), 1u);  // the pipeline continued
}

}  // namespace
}  // namespace weft::kernel
