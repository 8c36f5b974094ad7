// SPDX-License-Identifier: Apache-2.0
// The kind otlp_file: each batch is one line of OTLP JSON, as the OpenTelemetry Collector's
// otlpjsonfile receiver reads it.
#include <charconv>

#include "agent/port/exporter.h"
#include "exporters/file/line_file.h"
#include "exporters/otlp/encode/json.h"

namespace weft::exporters::file {
namespace {

using weft::file::LineFile;

constexpr std::string_view kMaxBytes = "104857600";
constexpr std::string_view kMaxFiles = "5";
constexpr std::string_view kFileScheme = "file://";

constexpr ExporterOption kOptions[] = {
    {"path", OptionType::kPath, "-", "", "the file; -: standard output"},
    {"output_stream", OptionType::kText, "", "",
     "the same in the standard's form: stdout or file:///path"},
    {"max_bytes", OptionType::kInteger, kMaxBytes, "",
     "begin a new file before this size; 0: never"},
    {"max_files", OptionType::kInteger, kMaxFiles, "", "old files kept, as path.1, path.2, …"},
};

class FileExporter final : public Exporter {
 public:
  explicit FileExporter(std::unique_ptr<LineFile> out) : out_(std::move(out)) {}

  Delivery deliver(std::span<const SpanPtr> batch, const Deadline&) override {
    if (batch.empty()) return {};
    line_.clear();
    otlp::append_request_json(line_, batch);
    line_ += '\n';
    LineFile::Outcome outcome = out_->append(line_);
    return {.kind = kind_of(outcome.kind), .message = std::move(outcome.message)};
  }

 private:
  static Delivery::Kind kind_of(LineFile::Kind kind) {
    switch (kind) {
      case LineFile::Kind::kWritten:
        return Delivery::Kind::kDelivered;
      case LineFile::Kind::kFull:
        return Delivery::Kind::kRetry;
      case LineFile::Kind::kFailed:
        return Delivery::Kind::kRefused;
    }
    return Delivery::Kind::kRefused;
  }

  std::unique_ptr<LineFile> out_;
  std::string line_;  // kept to reuse its memory
};

uint64_t number(const ExporterSettings& settings, std::string_view key, std::string_view fallback) {
  const std::string_view text = settings.get(key, fallback);
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<std::string> path_of(const ExporterSettings& settings) {
  if (const auto path = settings.get("path"); !path.empty() && path != "-")
    return std::string(path);
  const std::string_view stream = settings.get("output_stream");
  if (stream.empty() || stream == "stdout") return std::string("-");
  if (stream.starts_with(kFileScheme)) return std::string(stream.substr(kFileScheme.size()));
  return fail(ExitCode::kConfig, "output_stream: found \"" + std::string(stream) +
                                     "\", expected stdout or file:///path");
}

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings) {
  const auto path = path_of(settings);
  if (!path) return std::unexpected(path.error());
  auto out = LineFile::open(
      {.path = *path,
       .max_bytes = number(settings, "max_bytes", kMaxBytes),
       .max_files = static_cast<uint32_t>(number(settings, "max_files", kMaxFiles))});
  if (!out) return std::unexpected(out.error());
  return std::make_unique<FileExporter>(std::move(*out));
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {{"otlp_file/development", kOptions, false, make}};
  return kKinds;
}

}  // namespace weft::exporters::file
