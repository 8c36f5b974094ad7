// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/file/entries.h"

#include <algorithm>

#include "agent/base/error_name.h"
#include "agent/base/path.h"
#include "agent/base/semconv.h"
#include "agent/base/utf8.h"

namespace weft::engine::file {
namespace {

constexpr std::string_view kFinal[] = {"completed", "complete", "done",      "succeeded",
                                       "success",   "failed",   "cancelled", "canceled"};
constexpr std::string_view kFailed[] = {"failed", "error"};

bool among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Some logs keep entries in a folder per status.
std::string status_by_folder(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  std::string_view folder = path.substr(0, slash);
  folder.remove_prefix(folder.rfind('/') + 1);  // npos + 1 is 0
  constexpr std::string_view kFolders[] = {"pending", "processing", "completed", "failed"};
  return among(kFolders, folder) ? std::string(folder) : std::string();
}

}  // namespace

void EntryTracer::entry(const FileOp& op, EntrySink& sink) {
  Open& open = open_[{op.by.pid, op.fd}];
  if (op.op == WEFT_FILE_OPEN || open.start == 0) {
    open = {};
    open.start = op.start;
    open.by = op.by;
    open.parent_ref = sink.parent_ref(op.by);
  }
  open.used = op.start;
  if (op.result < 0) open.error = error_name(op.result);
  if (op.op == WEFT_FILE_WRITE && op.result > 0) {
    ++open.writes;
    open.bytes += static_cast<uint64_t>(op.result);
    if (!op.bytes.empty() && open.said.empty()) open.said = read_entries(op.bytes);
  }
  if (op.op == WEFT_FILE_CLOSE) close(op, sink);
  if (open_.size() > kMaxOpen) {
    open_.erase(std::ranges::min_element(open_, {}, [](const auto& o) { return o.second.used; }));
  }
}

void EntryTracer::close(const FileOp& op, EntrySink& sink) {
  const auto it = open_.find({op.by.pid, op.fd});
  const Open open = std::move(it->second);
  open_.erase(it);
  if (open.writes == 0 && open.error.empty()) return;
  bool told = false;
  for (EntryFacts facts : open.said) {
    if (facts.id.empty()) continue;
    if (facts.status.empty()) facts.status = status_by_folder(op.file.path);
    // A file with many entries that is rewritten as a whole repeats the unchanged ones: skip these.
    if (is_news(facts) || (open.said.size() == 1 && changing_.contains(facts.id))) {
      changed(open, op.file, op.by.time, std::move(facts), sink);
    }
    told = true;
  }
  if (!told) emit_unnamed(open, op.file, op.by.time, sink);
}

bool EntryTracer::is_news(const EntryFacts& facts) const {
  const auto changing = changing_.find(facts.id);
  if (changing != changing_.end()) return changing->second.facts.status != facts.status;
  const auto known = operations_.find(facts.id);
  return known == operations_.end() || known->second.status != facts.status;
}

void EntryTracer::changed(const Open& open, const LogFile& file, uint64_t end, EntryFacts facts,
                          EntrySink& sink) {
  const auto it = changing_.find(facts.id);
  const bool repeats = it != changing_.end() && it->second.facts.status == facts.status;
  if (it != changing_.end() && !repeats) {
    emit(std::move(it->second), sink);
    changing_.erase(it);
  }
  if (!repeats && changing_.size() >= kMaxOperations) {
    emit_if([](const Change&) { return true; }, sink);
  }
  const std::string id = facts.id;
  Change& change = changing_[id];
  change.facts = std::move(facts);
  if (!repeats) begin(change, open.start, open.by, open.parent_ref);
  change.tree.end = end;
  if (!open.error.empty()) change.tree.error_type = open.error;
  change.bytes += open.bytes;
  change.writes += open.writes;
  change.path = file.path;
  learn(change, file.name);
}

void EntryTracer::begin(Change& change, uint64_t start, const Stamp& by, ParentRefPtr parent_ref) {
  change.tree.start = change.tree.end = start;
  change.tree.by = by;
  change.tree.parent_ref = std::move(parent_ref);
  changing_of_.emplace(by.pid, change.facts.id);
}

// From now on a rename of this file name belongs to the operation.
void EntryTracer::learn(Change& change, std::string_view name) {
  std::string& leads_to = names_[std::string(name)];
  if (leads_to == change.facts.id) return;
  leads_to = change.facts.id;
  change.names.emplace_back(name);
  if (change.names.size() <= kMostNames) return;
  forget_name(change.names.front(), change.facts.id);
  change.names.erase(change.names.begin());
}

// Unless another operation has taken the name since.
void EntryTracer::forget_name(const std::string& name, const std::string& id) {
  const auto it = names_.find(name);
  if (it != names_.end() && it->second == id) names_.erase(it);
}

void EntryTracer::renamed(const Stamp& by, std::string_view from, std::string_view to,
                          EntrySink& sink) {
  const auto name = names_.find(std::string(base_name(from)));
  if (name == names_.end()) return;
  const std::string id = name->second;  // copied: tell() erases the name
  const auto it = changing_.find(id);
  if (it == changing_.end()) return;
  const std::string status = status_by_folder(to);
  if (!status.empty() && status != it->second.facts.status) {
    Change next = it->second;  // the rename itself is the new change
    emit(std::move(it->second), sink);
    next.facts.status = status;
    next.names.clear();
    begin(next, by.time, by, sink.parent_ref(by));
    next.bytes = next.writes = 0;
    it->second = std::move(next);
  }
  it->second.tree.end = by.time;
  // The kernel reported the folder's full path; rename() may be given a relative path.
  const size_t slash = it->second.path.rfind('/');
  it->second.path = to.starts_with('/')
                        ? std::string(to)
                        : it->second.path.substr(0, slash + 1) + std::string(base_name(to));
  learn(it->second, base_name(to));
}

EntryTracer::Operation& EntryTracer::operation(const std::string& id) {
  const auto [it, is_new] = operations_.try_emplace(id);
  if (is_new) {
    ages_.push_front(id);
    it->second.age = ages_.begin();
  } else {
    ages_.splice(ages_.begin(), ages_, it->second.age);
  }
  if (operations_.size() > kMaxOperations) {
    operations_.erase(ages_.back());
    ages_.pop_back();
  }
  return it->second;
}

void EntryTracer::emit(Change change, EntrySink& sink) {
  for (const std::string& name : change.names) forget_name(name, change.facts.id);
  changing_of_.erase({change.tree.by.pid, change.facts.id});
  Operation& of = operation(change.facts.id);
  SpanTree& tree = change.tree;
  const EntryFacts& facts = change.facts;
  const bool ends = among(kFinal, facts.status);
  tree.name = ends ? "wal.entry.complete" : of.last ? "wal.entry.update" : "wal.entry.add";
  Attributes& out = tree.attributes;
  out.reserve(9);
  out.set(semconv::kWalEntryId, facts.id);
  if (!facts.type.empty()) out.set(semconv::kWalEntryType, facts.type);
  if (!facts.backend.empty()) out.set(semconv::kWalEntryBackend, facts.backend);
  if (!facts.status.empty()) out.set(semconv::kWalEntryStatus, facts.status);
  out.set(semconv::kWalFilePath, to_utf8(change.path));
  out.set(semconv::kWalBytes, change.bytes);
  out.set(semconv::kWalWrites, change.writes);
  out.set(semconv::kWalDurable, Value(false));
  if (tree.error_type.empty() && among(kFailed, facts.status)) {
    tree.error_type = facts.error_type.empty() ? facts.status : facts.error_type;
  }
  if (of.last) tree.links.push_back(of.last);
  of.status = facts.status;
  of.last = tree.span_context = sink.reserve_context(tree.parent_ref);
  sink.push(std::move(tree));
}

void EntryTracer::emit_unnamed(const Open& open, const LogFile& file, uint64_t end,
                               EntrySink& sink) {
  SpanTree tree;
  tree.name = "wal.entry.write";
  tree.start = open.start;
  tree.end = end;
  tree.by = open.by;
  tree.parent_ref = open.parent_ref;
  tree.error_type = open.error;
  tree.attributes.set(semconv::kWalFilePath, to_utf8(file.path));
  tree.attributes.set(semconv::kWalBytes, open.bytes);
  tree.attributes.set(semconv::kWalWrites, open.writes);
  tree.attributes.set(semconv::kWalDurable, Value(false));
  sink.push(std::move(tree));
}

void EntryTracer::tick(uint64_t now, EntrySink& sink) {
  emit_if([now](const Change& c) { return c.tree.end + kQuiet <= now; }, sink);
}

// Only what this process was doing ends.
void EntryTracer::exited(uint32_t pid, EntrySink& sink) {
  open_.erase(open_.lower_bound({pid, 0}), open_.upper_bound({pid, UINT32_MAX}));
  for (auto of = changing_of_.lower_bound({pid, {}}); of != changing_of_.end() && of->first == pid;
       of = changing_of_.lower_bound({pid, {}})) {
    const auto it = changing_.find(of->second);
    emit(std::move(it->second), sink);
    changing_.erase(it);
  }
}

void EntryTracer::emit_if(const std::function<bool(const Change&)>& due, EntrySink& sink) {
  for (auto it = changing_.begin(); it != changing_.end();) {
    if (!due(it->second)) {
      ++it;
      continue;
    }
    emit(std::move(it->second), sink);
    it = changing_.erase(it);
  }
}

}  // namespace weft::engine::file
