// SPDX-License-Identifier: Apache-2.0
// The kernel side, loaded and attached, and a child process to be seen by it (the agent
// itself is not).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "agent/kernel/object.h"
#include "agent/kernel/reader.h"
#include "agent/storage/files/glob.h"

namespace weft::kernel::testing {

class KernelFixture : public ::testing::Test, protected EventSink {
 protected:
  static constexpr int kSkipped = 77;  // of a child that cannot do its part here

  // hook: what is tested, by its name in the table of hooks.
  explicit KernelFixture(std::string_view hook) : hook_(hook) {}

  void SetUp() override {
    auto features = Features::probe();
    if (!features) GTEST_SKIP() << features.error().message;
    std::vector<weft_pattern> table;
    for (const LogPattern& pattern : kPatterns) table.push_back(storage::literals(pattern));
    auto object = Object::start(options_, *features,
                                {.files = true,
                                 .libraries = true,
                                 .functions = true,
                                 .layers = true,
                                 .tasks = true,
                                 .files_when_asked = files_when_asked_},
                                table);
    if (!object) GTEST_SKIP() << object.error().message;
    object_ = std::move(*object);
    for (const Choice& choice : object_->choices()) {
      if (choice.hook->name != hook_ || choice.type != HookType::kAuto) continue;
      GTEST_SKIP() << hook_ << ": " << choice.reason;
    }
    auto reader = Reader::make(*object_, *this, counters_);
    ASSERT_TRUE(reader);
    reader_ = std::move(*reader);
  }

  // In a child, whose exit code it is.
  int run(const std::function<int()>& play) {
    child_ = fork();
    if (child_ == 0) _exit(play());
    int status = 0;
    waitpid(child_, &status, 0);
    drain();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void drain() {
    for (int i = 0; i < 3; ++i) reader_->poll(std::chrono::milliseconds(5));
    reader_->flush();
  }
  void push(const Event& event) override {
    const auto pid = static_cast<pid_t>(event.head->pid);
    // Who meets a name first announces it.
    if (event.head->type == WEFT_EV_FILE && (pid == child_ || pid == getpid())) {
      files.push_back(event.as<weft_ev_file>());
    }
    if (pid != child_) return;
    switch (event.head->type) {
      case WEFT_EV_EXEC: {
        const auto& exec = event.as<weft_ev_exec>();
        const std::string block(event.tail<weft_ev_exec>());
        execs.push_back({exec.path, block.substr(0, exec.args_len), block.substr(exec.args_len)});
        return;
      }
      case WEFT_EV_FILE_IO:
        ops.push_back({event.as<weft_ev_file_io>(), std::string(event.tail<weft_ev_file_io>())});
        return;
      case WEFT_EV_RENAME:
        renames.push_back(event.as<weft_ev_rename>());
        return;
      case WEFT_EV_PROBE:
        probes.push_back(event.as<weft_ev_probe>());
        texts.push_back(text_of(probes.back()).append(event.tail<weft_ev_probe>()));
        return;
      default:
        return;
    }
  }
  // "write 5", "open", "close -9": the operations, in order.
  std::vector<std::string> told() const {
    static constexpr const char* kNames[] = {"?",         "open",       "write", "fsync",
                                             "fdatasync", "sync_range", "close", "map"};
    std::vector<std::string> out;
    for (const Op& op : ops) {
      out.emplace_back(kNames[op.event.op]);
      if (op.event.op == WEFT_FILE_OPEN || op.event.result == 0) continue;
      out.back() += " " + std::to_string(op.event.result);
    }
    return out;
  }

  struct Op {
    weft_ev_file_io event;
    std::string bytes;
  };
  static constexpr LogPattern kPatterns[] = {{"weft_wal/*.log", WEFT_FILE_LOG},
                                             {"weft_entries/*.json", WEFT_FILE_ENTRY},
                                             {"libweft_*.so", WEFT_FILE_LIBRARY}};
  struct Exec {
    std::string path;
    std::string arguments;  // blocks, with their NULs
    std::string environment;
  };
  // Of the last child.
  std::vector<Exec> execs;
  std::vector<weft_ev_file> files;
  std::vector<Op> ops;
  std::vector<weft_ev_rename> renames;
  std::vector<weft_ev_probe> probes;
  std::vector<std::string> texts;  // of the probes

  pid_t child_ = -1;
  KernelOptions options_{};
  bool files_when_asked_ = false;
  std::unique_ptr<Object> object_;

 private:
  static std::string text_of(const weft_ev_probe& probe) {
    return {probe.text, std::min<size_t>(probe.text_len, sizeof probe.text)};
  }

  std::string_view hook_;
  CounterSet counters_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace weft::kernel::testing
