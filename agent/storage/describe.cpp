// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/describe.h"

#include <fcntl.h>

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"
#include "agent/port/flush_tree.h"

namespace weft::storage {
namespace {

std::string_view method(const FileOp& op) {
  switch (op.op) {
    case WEFT_FILE_FSYNC:
      return "fsync";
    case WEFT_FILE_FDATASYNC:
      return "fdatasync";
    case WEFT_FILE_SYNC_RANGE:
      return "sync_file_range";
    case WEFT_FILE_OPEN:
    case WEFT_FILE_WRITE:
    case WEFT_FILE_CLOSE:
    case WEFT_FILE_MAP:
      return "write";  // through: see writes_through
  }
  return "write";
}

std::string_view system_of(const Engine* engine) {
  return engine ? engine->system : std::string_view();
}

}  // namespace

bool writes_through(const LogFile& file) {
  return (file.flags & O_DSYNC) != 0;  // O_SYNC includes it
}

void describe_sync(const FileOp& op, uint64_t bytes, SpanTree& tree) {
  tree.name = "wal.sync";
  tree.attributes.reserve(4);
  tree.attributes.set(semconv::kWalFilePath, to_utf8(op.file.path));
  tree.attributes.set(semconv::kWalSyncMethod, method(op));
  tree.attributes.set(semconv::kWalBytes, bytes);
}

void describe_flush(const Engine* engine, const IoSummary& summary, SpanTree& tree) {
  describe_flush(system_of(engine), summary, tree.error_type.empty(), tree);
}

void describe_append(const Engine* engine, const IoSummary& summary, SpanTree& tree) {
  describe_flush(system_of(engine), summary, false, tree);
  tree.name = "wal.append";
}

}  // namespace weft::storage
