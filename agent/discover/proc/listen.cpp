// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/listen.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "agent/base/fd.h"

namespace weft {
namespace {

constexpr std::string_view kListening = "0A";  // TCP_LISTEN
constexpr size_t kMaxTable = 1 << 20;

std::string_view next_field(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view field = line.substr(0, line.find(' '));
  line.remove_prefix(field.size());
  return field;
}

template <class T>
bool parse(std::string_view text, T& value, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

struct Row {
  uint16_t port = 0;
  uint64_t inode = 0;
  bool listening = false;
};

// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
bool parse_row(std::string_view line, Row& row) {
  std::array<std::string_view, 10> fields;
  for (std::string_view& field : fields) field = next_field(line);
  const std::string_view local = fields[1];
  const size_t colon = local.rfind(':');
  row.listening = fields[3] == kListening;
  return colon != std::string_view::npos && parse(local.substr(colon + 1), row.port, 16) &&
         parse(fields[9], row.inode, 10);
}

// The kernel lists listening sockets first, so a table of a million connections costs only its
// beginning.
std::string listening_part(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> buffer;
  while (fd.valid() && text.size() < kMaxTable) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(n));
    const size_t end = text.rfind('\n');
    const size_t begin = end == std::string::npos ? end : text.rfind('\n', end - 1);
    Row last;
    if (begin == std::string::npos || end == 0) continue;
    const std::string_view line = std::string_view(text).substr(begin + 1, end - begin - 1);
    if (parse_row(line, last) && !last.listening) break;
  }
  return text;
}

bool holds_one(const std::string& folder, const std::vector<uint64_t>& inodes) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.c_str()), ::closedir);
  if (!dir) return false;
  constexpr std::string_view kPrefix = "socket:[";
  while (const dirent* entry = ::readdir(dir.get())) {
    std::array<char, 64> target;
    const ssize_t n = ::readlinkat(::dirfd(dir.get()), entry->d_name, target.data(), target.size());
    const std::string_view text(target.data(), n > 0 ? static_cast<size_t>(n) : 0);
    uint64_t inode = 0;
    if (!text.starts_with(kPrefix) || !text.ends_with(']')) continue;
    if (!parse(text.substr(kPrefix.size(), text.size() - kPrefix.size() - 1), inode, 10)) continue;
    if (std::ranges::count(inodes, inode) != 0) return true;
  }
  return false;
}

}  // namespace

std::vector<uint64_t> listeners(std::string_view table, uint16_t port) {
  std::vector<uint64_t> inodes;
  while (!table.empty()) {
    const size_t end = std::min(table.find('\n'), table.size());
    Row row;
    if (parse_row(table.substr(0, end), row) && row.listening && row.port == port) {
      inodes.push_back(row.inode);
    }
    table.remove_prefix(std::min(end + 1, table.size()));
  }
  return inodes;
}

bool process_listens(const std::string& process, uint16_t port) {
  std::vector<uint64_t> inodes;
  for (const char* table : {"/net/tcp", "/net/tcp6"}) {
    const std::vector<uint64_t> found = listeners(listening_part(process + table), port);
    inodes.insert(inodes.end(), found.begin(), found.end());
  }
  return !inodes.empty() && holds_one(process + "/fd", inodes);
}

}  // namespace weft
