// SPDX-License-Identifier: Apache-2.0
#include "exporters/file/line_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

namespace weft::file {
namespace {

constexpr size_t kLongestTail = 8u << 20;  // longest unfinished line that is searched for

std::unexpected<Error> failed(const std::string& path, const char* what) {
  return fail(ExitCode::kWriteFailed, path + ": " + what + ": " + std::strerror(errno));
}

// Returns 0 or the error; waits for a pipe that is full.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd wait{fd, POLLOUT, 0};
      poll(&wait, 1, 1000);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

// The text after the last newline of the file.
std::string tail_of(int fd, uint64_t size) {
  std::string text(std::min<uint64_t>(size, kLongestTail), '\0');
  const auto from = static_cast<off_t>(size - text.size());
  const ssize_t n = pread(fd, text.data(), text.size(), from);
  text.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return text.substr(text.rfind('\n') + 1);
}

std::string numbered(const std::string& path, uint32_t n) {
  return n == 0 ? path : path + "." + std::to_string(n);
}

}  // namespace

Result<std::unique_ptr<LineFile>> LineFile::open(LineFileOptions options) {
  if (options.path == "-") options.path.clear();
  std::unique_ptr<LineFile> file(new LineFile(std::move(options)));
  if (file->options_.path.empty()) {
    file->fd_ = STDOUT_FILENO;
    return file;
  }
  if (Status status = file->open_file(); !status) return std::unexpected(status.error());
  return file;
}

Status LineFile::open_file() {
  const std::string& path = options_.path;
  own_ = Fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (!own_.valid() && errno == EACCES) {  // a device or a pipe may be write-only
    own_ = Fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  }
  if (!own_.valid()) return failed(path, "cannot open for writing");
  fd_ = own_.get();
  struct stat st {};
  if (fstat(fd_, &st) != 0) return failed(path, "cannot read its state");
  regular_ = S_ISREG(st.st_mode);
  size_ = regular_ ? static_cast<uint64_t>(st.st_size) : 0;
  return regular_ ? mend_tail() : Status();
}

Status LineFile::mend_tail() {
  const std::string tail = tail_of(fd_, size_);
  if (tail.empty()) return {};
  if (tail.starts_with(kLineStart)) {
    size_ -= tail.size();
    if (ftruncate(fd_, static_cast<off_t>(size_)) != 0) return failed(options_.path, "cannot mend");
    return {};
  }
  if (write_all(fd_, "\n") != 0) return failed(options_.path, "cannot write");
  ++size_;
  return {};
}

LineFile::Outcome LineFile::append(std::string_view line) {
  Outcome outcome;
  if (const Status status = refresh(); !status) return {Kind::kFailed, status.error().message};
  if (regular_ && options_.max_bytes > 0 && size_ > 0 && size_ + line.size() > options_.max_bytes) {
    outcome.message = rotate();
  }
  if (const int error = write_all(fd_, line); error != 0) return undo(error);
  size_ += line.size();
  return outcome;
}

// Another process may have moved the file away, or appended to it.
Status LineFile::refresh() {
  if (!regular_) return {};
  struct stat by_path {};
  struct stat by_fd {};
  const bool there = stat(options_.path.c_str(), &by_path) == 0 && fstat(fd_, &by_fd) == 0 &&
                     by_path.st_ino == by_fd.st_ino && by_path.st_dev == by_fd.st_dev;
  if (!there) return open_file();
  size_ = static_cast<uint64_t>(by_fd.st_size);
  return {};
}

// Returns an empty string, or why it failed. path.n-1 → path.n, …, path → path.1; the oldest is
// deleted.
std::string LineFile::rotate() {
  if (options_.max_files == 0) {
    if (ftruncate(fd_, 0) == 0) size_ = 0;
    return {};
  }
  for (uint32_t n = options_.max_files; n > 0; --n) {
    const std::string from = numbered(options_.path, n - 1);
    if (rename(from.c_str(), numbered(options_.path, n).c_str()) != 0 && errno != ENOENT) {
      return from + ": cannot rotate: " + std::strerror(errno);
    }
  }
  const Status status = open_file();
  return status ? std::string() : status.error().message;
}

LineFile::Outcome LineFile::undo(int error) {
  const std::string name = options_.path.empty() ? "standard output" : options_.path;
  std::string message = name + ": cannot write: " + std::strerror(error);
  if (regular_ && ftruncate(fd_, static_cast<off_t>(size_)) != 0) {
    message += "; a torn line was left";
  }
  const bool full = error == ENOSPC || error == EDQUOT;
  return {full ? Kind::kFull : Kind::kFailed, std::move(message)};
}

}  // namespace weft::file
