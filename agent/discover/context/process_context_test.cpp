// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/context/process_context.h"

#include <cstring>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>
#include <vector>

#include "agent/discover/context/mappings.h"

namespace weft {
namespace {

using protozero::pbf_writer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kHeader = 0x7f0000001000;
constexpr uint64_t kPayload = 0x7f0000003000;

// KeyValue with a value made by `write`.
void add(std::string& resource, const std::string& key,
         const std::function<void(pbf_writer&)>& write) {
  std::string value;
  pbf_writer any(value);
  write(any);
  std::string pair;
  pbf_writer writer(pair);
  writer.add_string(1, key);
  writer.add_message(2, value);
  pbf_writer(resource).add_message(1, pair);
}

void add_text(std::string& resource, const std::string& key, const std::string& text) {
  add(resource, key, [&](pbf_writer& any) { any.add_string(1, text); });
}

std::string context_of(const std::string& resource) {
  std::string payload;
  pbf_writer(payload).add_message(1, resource);
  return payload;
}

std::string payload_of(const std::string& service) {
  std::string resource;
  add_text(resource, "service.name", service);
  return context_of(resource);
}

// A fake process that publishes a context.
class Publisher final : public ProcessMemory {
 public:
  Publisher() { publish("shop", 1); }

  void publish(const std::string& service, uint64_t when) {
    payload = payload_of(service);
    published = when;
  }
  std::string maps() override {
    ++searches;
    return "00400000-00500000 r-xp 00000000 08:01 12     /usr/bin/shop\n"
           "7f0000001000-7f0000002000 rw-s 00000000 00:01 77     " +
           name + "\n7f0000003000-7f0000023000 " + payload_mapping + "\n";
  }
  bool read(uint64_t address, std::span<char> out) override {
    if (gone) return false;
    if (address == kPayload) {
      if (on_payload) on_payload();
      if (out.size() > payload.size()) return false;
      std::memcpy(out.data(), payload.data(), out.size());
      return true;
    }
    if (address != kHeader || out.size() != 32) return false;
    const uint32_t length = size ? *size : static_cast<uint32_t>(payload.size());
    std::memcpy(out.data(), signature.data(), 8);
    std::memcpy(out.data() + 8, &version, 4);
    std::memcpy(out.data() + 12, &length, 4);
    std::memcpy(out.data() + 16, &published, 8);
    std::memcpy(out.data() + 24, &kPayload, 8);
    return true;
  }
  std::string service(const ProcessContextPtr& known = nullptr) {
    const ProcessContextPtr context = read_context(*this, known);
    return context ? std::string(context->attributes.text("service.name")) : "none";
  }

  std::string name = "/memfd:OTEL_CTX (deleted)";
  std::string payload_mapping = "rw-p 00000000 00:00 0      [heap]";
  std::string signature = "OTEL_CTX";
  uint32_t version = 2;
  std::optional<uint32_t> size;
  uint64_t published = 0;
  std::string payload;
  bool gone = false;
  int searches = 0;
  std::function<void()> on_payload;
};

TEST(ProcessContext, IsReadByAnyOfItsNames) {
  for (const char* name : {"/memfd:OTEL_CTX (deleted)", "/memfd:OTEL_CTX", "[anon:OTEL_CTX]",
                           "[anon_shmem:OTEL_CTX]"}) {
    Publisher process;
    process.name = name;
    EXPECT_EQ(process.service(), "shop") << name;
  }
  Publisher other;
  other.name = "/tmp/[anon:OTEL_CTX]";
  EXPECT_EQ(other.service(), "none") << "the name must begin so";
}

TEST(ProcessContext, UnchangedItCostsNoSearchAndIsTheSame) {
  Publisher process;
  const ProcessContextPtr known = read_context(process, nullptr);
  EXPECT_EQ(read_context(process, known), known);
  EXPECT_EQ(process.searches, 1);
  process.publish("other", 2);
  EXPECT_EQ(process.service(known), "other");
  process.gone = true;
  EXPECT_EQ(read_context(process, known), known) << "what ended was what it was";
}

TEST(ProcessContext, WhileItIsChangedNothingIsTaken) {
  Publisher process;
  const ProcessContextPtr known = read_context(process, nullptr);
  process.publish("half", 0);
  EXPECT_EQ(process.service(), "none");
  EXPECT_EQ(read_context(process, known), known);
}

TEST(ProcessContext, AChangeDuringTheReadIsReadAgain) {
  Publisher process;
  int times = 0;
  process.on_payload = [&] {
    if (++times == 1) process.publish("next", 2);
  };
  EXPECT_EQ(process.service(), "next");
  process.on_payload = [&] { ++process.published; };
  EXPECT_EQ(process.service(), "none") << "given up, not tried for ever";
}

TEST(ProcessContext, OfAnotherVersionOrNoneAtAllIsNotRead) {
  Publisher draft;
  draft.version = 1;
  EXPECT_EQ(draft.service(), "none");
  Publisher other;
  other.signature = "OTEL_CTY";
  EXPECT_EQ(other.service(), "none");
  Publisher process;
  process.gone = true;
  EXPECT_EQ(process.service(), "none");
}

TEST(ProcessContext, APayloadThatCannotBeIsNotRead) {
  for (const uint32_t size : {0u, 1u << 17, 0xffffffffu}) {
    Publisher process;
    process.size = size;
    EXPECT_EQ(process.service(), "") << size;
  }
  for (const char* mapping :
       {"r--s 00000000 00:2d 9      /mnt/remote/file", "---p 00000000 00:00 0",
        "rw-p 00000000 08:01 9      /usr/bin/shop"}) {
    Publisher process;
    process.payload_mapping = mapping;
    bool asked = false;
    process.on_payload = [&] { asked = true; };
    EXPECT_EQ(process.service(), "");
    EXPECT_FALSE(asked) << mapping;
  }
}

TEST(ProcessContext, MappingsAreAFewAtMost) {
  std::string maps;
  for (int i = 0; i < 100; ++i) {
    maps +=
        "7f000000" + std::to_string(1000 + i) + "-7f0000009000 rw-p 0 00:00 0 [anon:OTEL_CTX]\n";
  }
  EXPECT_EQ(context_mappings(maps).size(), 4u);
  EXPECT_THAT(context_mappings("OTEL_CTX\n-\n1-0 r 0 0 0 [anon:OTEL_CTX]\n\n \nx-y"), IsEmpty());
}

TEST(DecodeContext, EveryType) {
  std::string resource;
  add_text(resource, "text", "a\xffz");
  add(resource, "yes", [](pbf_writer& any) { any.add_bool(2, true); });
  add(resource, "count", [](pbf_writer& any) { any.add_int64(3, -7); });
  add(resource, "ratio", [](pbf_writer& any) { any.add_double(4, 0.5); });
  add(resource, "bytes", [](pbf_writer& any) { any.add_bytes(7, "x"); });
  add(resource, "list", [](pbf_writer& any) {
    std::string array;
    for (const char* item : {"a", "b"}) {
      std::string value;
      pbf_writer(value).add_string(1, item);
      pbf_writer(array).add_message(1, value);
    }
    any.add_message(5, array);
  });
  const auto told = decode_context(context_of(resource));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->size(), 5u) << "bytes are left out";
  EXPECT_EQ(told->text(Key("text")), "a\xef\xbf\xbdz");
  EXPECT_EQ(*told->find(Key("yes")), Value(true));
  EXPECT_EQ(*told->find(Key("count")), Value(int64_t{-7}));
  EXPECT_EQ(*told->find(Key("ratio")), Value(0.5));
  EXPECT_THAT(std::get<std::vector<std::string>>(*told->find(Key("list"))), ElementsAre("a", "b"));
}

TEST(DecodeContext, IsBounded) {
  std::string resource;
  for (int i = 0; i < 1000; ++i) add_text(resource, "key" + std::to_string(i), "v");
  EXPECT_EQ(decode_context(context_of(resource))->size(), 64u);
  std::string large;
  add_text(large, "long", std::string(60'000, 'x'));
  add_text(large, std::string(1000, 'k'), "v");
  const auto told = decode_context(context_of(large));
  EXPECT_EQ(told->size(), 1u);
  EXPECT_EQ(told->text(Key("long")).size(), 4096u);
}

TEST(DecodeContext, AnyBytesAreRefusedOrRead) {
  const std::string good = payload_of("shop");
  for (size_t cut = 1; cut < good.size(); ++cut) EXPECT_FALSE(decode_context(good.substr(0, cut)));
  for (size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1 << bit);
      decode_context(bad);
    }
  }
  EXPECT_TRUE(decode_context("")->empty());
}

}  // namespace
}  // namespace weft
