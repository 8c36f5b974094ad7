// SPDX-License-Identifier: Apache-2.0
// A file of whole lines: what cannot be written completely is not written at all.
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
  uint64_t max_bytes = 0;  // begin a new file before this size is passed; 0: never
  uint32_t max_files = 5;  // how many old ones are kept: path.1 is the newest of them
};

// One thread. Appends; follows when somebody else moves the file away. Pipes, devices and
// standard output are neither rotated nor cut. Not synced to disk.
class LineFile {
 public:
  enum class Kind : uint8_t {
    kWritten,
    kFull,    // no space (disk, quota): may pass
    kFailed,  // anything else
  };
  struct Outcome {
    Kind kind = Kind::kWritten;
    std::string message;  // also with kWritten: a rotation failed, the file grows on
  };

  // Creates the file (mode 0640). A line that a crash left unfinished is removed when it is
  // one of ours, else ended. Error kWriteFailed.
  static Result<std::unique_ptr<LineFile>> open(LineFileOptions options);

  // `line` with its newline. A partial write is undone.
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
  uint64_t size_ = 0;  // of a regular file, before the write under way
};

// What our lines begin with; a torn line that begins so may be removed.
inline constexpr std::string_view kLineStart = "{\"resourceSpans\":[";

}  // namespace weft::file
