// SPDX-License-Identifier: Apache-2.0
// A file of whole lines: a line that cannot be written completely is not written at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/base/fd.h"
#include "agent/base/result.h"

namespace weft::file {

struct LineFileOptions {
  std::string path;        // empty or "-": standard output
  uint64_t max_bytes = 0;  // start a new file before exceeding this size; 0: never
  uint32_t max_files = 5;  // how many old files are kept; path.1 is the newest
};

// One thread. Appends; reopens the path if the file was moved away. Pipes, devices and standard
// output are neither rotated nor truncated. Not synced to disk.
class LineFile {
 public:
  enum class Kind : uint8_t {
    kWritten,
    kFull,    // no space (disk, quota): may be temporary
    kFailed,  // anything else
  };
  struct Outcome {
    Kind kind = Kind::kWritten;
    std::string message;  // also with kWritten: a rotation failed, so the file keeps growing
  };

  // Creates the file (mode 0640). A line that a crash left unfinished is removed if it is one of
  // ours, else terminated. Error kWriteFailed.
  static Result<std::unique_ptr<LineFile>> open(LineFileOptions options);

  // Appends `line`, which includes its newline. A partial write is undone.
  Outcome append(std::string_view line);

 private:
  explicit LineFile(LineFileOptions options) : options_(std::move(options)) {}
  Status open_file();
  Status mend_tail();
  Status refresh();
  std::string rotate();
  Outcome undo(int error);

  const LineFileOptions options_;
  Fd own_;
  int fd_ = -1;
  bool regular_ = false;
  uint64_t size_ = 0;  // size of a regular file before the current write
};

// The beginning of our lines; an unfinished line that begins so may be removed.
inline constexpr std::string_view kLineStart = "{\"resourceSpans\":[";

}  // namespace weft::file
