// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/proc_file.h"

#include <array>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/fd.h"
#include "agent/discover/proc/facts.h"

namespace weft {
namespace {

constexpr uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD
constexpr std::string_view kDeleted = " (deleted)";

std::string_view next_word(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::string read_all(const Fd& fd, size_t limit) {
  std::string text;
  if (!fd.valid()) return text;
  std::array<char, 4096> buffer;
  while (text.size() < limit) {
    const size_t want = std::min(buffer.size(), limit - text.size());
    const ssize_t n = ::read(fd.get(), buffer.data(), want);
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(n));
  }
  return text;
}

}  // namespace

std::string read_text(const std::string& path, size_t limit) {
  return read_all(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), limit);
}

Fd open_regular(const std::string& path) {
  const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info {};
  if (!place.valid() || ::fstat(place.get(), &info) != 0 || !S_ISREG(info.st_mode)) return Fd();
  const std::string same = "/proc/self/fd/" + std::to_string(place.get());
  return Fd(::open(same.c_str(), O_RDONLY | O_CLOEXEC));
}

std::string read_regular(const std::string& path, size_t limit) {
  return read_all(open_regular(path), limit);
}

std::string read_link(const std::string& path) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t n = ::readlink(path.c_str(), buffer.data(), buffer.size());
  return n > 0 ? std::string(buffer.data(), static_cast<size_t>(n)) : std::string();
}

std::string executable_of(const std::string& process) {
  std::string path = read_link(process + "/exe");
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return path;
}

bool has_process(const std::string& proc, uint32_t pid) {
  return ::access((proc + "/" + std::to_string(pid)).c_str(), F_OK) == 0;
}

std::vector<uint32_t> list_pids(const std::string& proc) {
  std::vector<uint32_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(proc.c_str()), ::closedir);
  while (const dirent* entry = dir ? ::readdir(dir.get()) : nullptr) {
    if (const uint32_t pid = parse_pid(entry->d_name); pid != 0) pids.push_back(pid);
  }
  return pids;
}

uint32_t parse_pid(std::string_view text) {
  uint32_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  return error == std::errc() && end == text.data() + text.size() ? pid : 0;
}

std::optional<ProcStat> parse_stat(std::string_view text) {
  // PID (COMM) STATE PPID …: the name ends at the last parenthesis of the line.
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  ProcStat stat;
  bool known = false;
  stat.comm = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  for (int field = 3; field <= 49 && !rest.empty(); ++field) {
    const std::string_view word = next_word(rest, ' ');
    if (field == 4) stat.ppid = number<uint32_t>(word).value_or(0);
    if (field == 9) stat.kernel_thread = (number<uint64_t>(word).value_or(0) & kKernelThread) != 0;
    if (field == 22) {
      const auto ticks = number<uint64_t>(word);
      if (!ticks) return std::nullopt;
      stat.start_ticks = *ticks;
      known = true;
    }
    if (field == 48) stat.args_start = number<uint64_t>(word).value_or(0);
    if (field == 49) stat.args_end = number<uint64_t>(word).value_or(0);
  }
  return known ? std::optional(stat) : std::nullopt;
}

bool overwritten(const ProcStat& stat, std::string_view cmdline) {
  return stat.args_start != 0 && cmdline.size() != stat.args_end - stat.args_start;
}

std::optional<uint32_t> parse_uid(std::string_view status) {
  while (!status.empty()) {
    std::string_view line = next_word(status, '\n');
    if (!line.starts_with("Uid:\t")) continue;
    line.remove_prefix(5);
    next_word(line, '\t');  // skip the real uid
    return number<uint32_t>(line);
  }
  return std::nullopt;
}

std::string user_name(std::string_view passwd, uint32_t uid) {
  while (!passwd.empty()) {
    std::string_view line = next_word(passwd, '\n');
    const std::string_view name = next_word(line, ':');
    next_word(line, ':');
    if (!name.empty() && number<uint32_t>(next_word(line, ':')) == uid) return std::string(name);
  }
  return {};
}

std::vector<std::string> parse_args(std::string_view block) {
  std::vector<std::string> args;
  while (!block.empty() && args.size() < kMaxArgs) {
    args.emplace_back(next_word(block, '\0').substr(0, kMaxArgLength));
  }
  return args;
}

std::vector<std::string> parse_environment(std::string_view block, bool cut) {
  if (cut) block = block.substr(0, block.rfind('\0') + 1);  // npos + 1 is 0
  std::vector<std::string> kept;
  while (!block.empty() && kept.size() < kMaxEnvironment) {
    const std::string_view entry = next_word(block, '\0');
    if (entry.starts_with("OTEL_") && entry.size() <= kMaxEnvironmentLength) {
      kept.emplace_back(entry);
    }
  }
  return kept;
}

}  // namespace weft
