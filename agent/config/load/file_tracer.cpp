// SPDX-License-Identifier: Apache-2.0
// tracer_provider: limits, sampler, processors.
#include "agent/config/exporter_options.h"
#include "agent/config/load/file.h"

namespace weft {
namespace {

void read_limits(Section limits, SpanLimits& out) {
  limits.read("attribute_value_length_limit", out.attribute_value_length);
  limits.read("attribute_count_limit", out.attribute_count);
  limits.read("event_count_limit", out.event_count);
  limits.read("link_count_limit", out.link_count);
  limits.read("event_attribute_count_limit", out.event_attribute_count);
  limits.read("link_attribute_count_limit", out.link_attribute_count);
  limits.finish();
}

// Reads a sampler that uses the trace id alone, as a ratio.
void read_root_sampler(Section sampler, double& ratio) {
  constexpr std::string_view kKnown = "always_on, always_off, trace_id_ratio_based or parent_based";
  const YamlNode::Entry* entry = sampler.only_entry("one sampler: " + std::string(kKnown));
  if (!entry) return;
  Section options(sampler.findings(), &entry->value, sampler.path_of(entry->key));
  if (entry->key == "always_on") {
    ratio = 1;
  } else if (entry->key == "always_off") {
    ratio = 0;
  } else if (entry->key == "trace_id_ratio_based" || entry->key == "probability/development") {
    ratio = 1;
    options.read("ratio", ratio, 0, 1);
  } else {
    sampler.findings().error(entry->line, sampler.path(),
                             "found \"" + entry->key + "\", expected " + std::string(kKnown));
    return;
  }
  options.finish();
}

// With a parent the decision is always the parent's. Configuring that is accepted, anything else is
// not.
void expect_sampler(Section& parent_based, std::string_view key, std::string_view only) {
  Section sampler = parent_based.section(key);
  if (!sampler.present()) return;
  const YamlNode::Entry* entry = sampler.only_entry("one sampler");
  if (entry && entry->key != only) {
    sampler.findings().error(entry->line, sampler.path(),
                             "found \"" + entry->key + "\", expected " + std::string(only) +
                                 ": weft follows the parent");
  }
}

void read_sampler(Section sampler, SamplerConfig& out) {
  if (!sampler.present()) return;
  const YamlNode* node = sampler.find("parent_based");
  const YamlNode::Entry* only = sampler.only_entry("one sampler");
  if (!only) return;
  out = {.parent_based = only->key == "parent_based", .ratio = 1.0};
  if (!out.parent_based) return read_root_sampler(sampler, out.ratio);
  Section parent_based(sampler.findings(), node, sampler.path_of("parent_based"));
  Section root = parent_based.section("root");
  if (root.present()) read_root_sampler(root, out.ratio);
  expect_sampler(parent_based, "remote_parent_sampled", "always_on");
  expect_sampler(parent_based, "remote_parent_not_sampled", "always_off");
  expect_sampler(parent_based, "local_parent_sampled", "always_on");
  expect_sampler(parent_based, "local_parent_not_sampled", "always_off");
  parent_based.finish();
}

void read_batch(Section& processor, BatchOptions& batch) {
  const auto milliseconds = [&](std::string_view key, std::chrono::milliseconds& out) {
    auto value = static_cast<uint32_t>(out.count());
    processor.read(key, value);
    out = std::chrono::milliseconds(value);
  };
  milliseconds("schedule_delay", batch.schedule_delay);
  milliseconds("export_timeout", batch.export_timeout);
  processor.read("max_queue_size", batch.max_queue_size, 1);
  processor.read("max_export_batch_size", batch.max_export_batch_size, 1);
  const bool size_given = processor.find("max_export_batch_size") != nullptr;
  if (const auto fault = settle_batch(batch, size_given); !fault.empty()) {
    processor.findings().error(processor.line(), processor.path(), fault);
  }
}

void read_processor(Section choice, std::span<const ExporterKind> kinds, Config& config) {
  constexpr std::string_view kExpected = "one processor: batch or simple";
  const YamlNode::Entry* entry = choice.only_entry(kExpected);
  if (!entry) return;
  if (entry->key != "batch" && entry->key != "simple") {
    choice.findings().error(entry->line, choice.path(),
                            "found \"" + entry->key + "\", expected " + std::string(kExpected));
    return;
  }
  Section processor(choice.findings(), &entry->value, choice.path_of(entry->key));
  ExporterConfig exporter;
  read_exporter(processor.section("exporter"), kinds, exporter);
  if (!processor.find("exporter")) {
    choice.findings().error(entry->line, choice.path_of(entry->key) + ".exporter",
                            "found nothing, expected an exporter");
  }
  if (const ExporterKind* kind = find_kind(kinds, exporter.kind))
    exporter.batch = default_batch(*kind);
  if (entry->key == "batch") {
    read_batch(processor, exporter.batch);
  } else {
    exporter.batch.schedule_delay = std::chrono::milliseconds(0);
  }
  processor.finish();
  if (!exporter.kind.empty()) config.exporters.push_back(std::move(exporter));
}

}  // namespace

void read_tracer_provider(Section provider, std::span<const ExporterKind> kinds, Config& config) {
  read_limits(provider.section("limits"), config.limits);
  read_sampler(provider.section("sampler"), config.sampler);
  if (provider.find("processors")) config.exporters.clear();
  for (const auto& [path, item] : provider.list("processors")) {
    read_processor(Section(provider.findings(), item, path), kinds, config);
  }
  provider.ignore("tracer_configurator/development", "accepted, without effect on a tracing agent");
  provider.finish();
}

}  // namespace weft
