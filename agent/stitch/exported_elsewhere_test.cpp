// SPDX-License-Identifier: Apache-2.0
// Processes that export their own spans: their exchanges have no span, and children of such an
// exchange hang where they would hang below the application's span.
#include "agent/stitch/span_trees_fixture.h"

namespace weft {
namespace {

using testing::kParent;
using testing::kTrace;

constexpr char kOther[] = "00000000000000bb";

class ExportedElsewhereTest : public testing::SpanTreesTest {
 protected:
  explicit ExportedElsewhereTest(uint32_t pid = 100) { exports_own_spans(pid); }

  void exports_own_spans(uint32_t pid) {
    processes_.get(pid);
    processes_.exports_spans(pid);
  }
  Call receiving(const Where& where) {
    Call call = begin(Role::kServer, where);
    call.sink->head(call.handle, context(kTrace, kParent));
    return call;
  }
  Call announcing(const Where& where) {
    Call call = begin(Role::kClient, where);
    call.sink->head(call.handle, context(kTrace, kOther));
    return call;
  }
  SpanPtr export_spans(Call& call) {
    Outcome sent = testing::outcome(++time_);
    sent.carries_spans = true;
    const size_t before = spans_.spans.size();
    call.sink->end(call.handle, std::move(sent));
    return spans_.spans.size() > before ? spans_.spans.back() : nullptr;
  }
  uint64_t exported_elsewhere() {
    return counters_.get("weft.exchanges.exported_elsewhere").value();
  }
};

TEST_F(ExportedElsewhereTest, ItsExchangesAreNotTold) {
  Call in = receiving({.exchange_id = 7});
  Call out = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 1});
  EXPECT_EQ(end(out), nullptr);
  EXPECT_EQ(end(in), nullptr);
  EXPECT_EQ(exported_elsewhere(), 2u);
  Call beside = begin(Role::kServer, {.pid = 1, .tid = 1, .exchange_id = 9, .client_port = 2});
  EXPECT_NE(end(beside), nullptr) << "another process is";
}

TEST_F(ExportedElsewhereTest, StorageHangsBelowWhatTheRequestReceived) {
  Call in = receiving({.exchange_id = 7});
  const SpanPtr span = told_by(by(7));
  EXPECT_EQ(span->trace.hex(), kTrace);
  EXPECT_EQ(span->parent.hex(), kParent);
  EXPECT_TRUE(span->parent_is_remote);
  EXPECT_EQ(how(span), "header");
}

TEST_F(ExportedElsewhereTest, StorageBeginsATraceWhereNothingWasReceived) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  const SpanPtr span = told_by(by(7));
  EXPECT_TRUE(span->trace.valid());
  EXPECT_FALSE(span->parent.valid());
  EXPECT_EQ(how(span), "");
}

TEST_F(ExportedElsewhereTest, WithoutAHeaderTheCallerInSightIsAbove) {
  Call caller = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 6, .client_port = 3});
  Call in = begin(Role::kServer, {.exchange_id = 7, .client_port = 3});
  const SpanPtr span = told_by(by(7));
  const SpanPtr above = end(caller);
  EXPECT_EQ(span->parent, above->id);
  EXPECT_EQ(span->trace, above->trace);
  EXPECT_TRUE(span->parent_is_remote);
}

TEST_F(ExportedElsewhereTest, WhoItCallsHangsBelowTheSpanThatItAnnounced) {
  Call out = announcing({.exchange_id = 8, .client_port = 1});
  Call served = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 1});
  served.sink->head(served.handle, context(kTrace, kOther));
  const SpanPtr server = end(served);
  EXPECT_EQ(server->parent.hex(), kOther);
  EXPECT_EQ(server->trace.hex(), kTrace);
}

// A database client puts no trace context into its requests.
TEST_F(ExportedElsewhereTest, WithoutAnAnnouncementItHangsBelowTheRequestsCaller) {
  Call in = receiving({.exchange_id = 7});
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 7, .client_port = 1});
  Call served = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 1});
  const SpanPtr server = end(served);
  EXPECT_EQ(server->parent.hex(), kParent);
  EXPECT_EQ(server->trace.hex(), kTrace);
}

TEST_F(ExportedElsewhereTest, AnExportShowsThatAProcessTellsItself) {
  Call before = begin(Role::kServer, {.pid = 3, .tid = 3, .exchange_id = 4, .client_port = 4});
  Call sent = begin(Role::kClient, {.pid = 3, .tid = 3, .exchange_id = 5, .client_port = 5});
  EXPECT_EQ(export_spans(sent), nullptr);
  EXPECT_NE(end(before), nullptr) << "it had begun";
  Call after = begin(Role::kServer, {.pid = 3, .tid = 3, .exchange_id = 6, .client_port = 6});
  EXPECT_EQ(end(after), nullptr);
}

TEST_F(ExportedElsewhereTest, WhoReceivesAnExportIsToldButForThat) {
  Call got = begin(Role::kServer, {.pid = 4, .tid = 4, .exchange_id = 5, .client_port = 5});
  EXPECT_EQ(export_spans(got), nullptr);
  Call after = begin(Role::kServer, {.pid = 4, .tid = 4, .exchange_id = 6, .client_port = 6});
  EXPECT_NE(end(after), nullptr);
}

TEST_F(ExportedElsewhereTest, WhoPassesOnWhatOthersExportIsTold) {
  Call got = begin(Role::kServer, {.pid = 5, .tid = 5, .exchange_id = 4, .client_port = 4});
  Call passed = begin(Role::kClient, {.pid = 5, .tid = 5, .exchange_id = 5, .client_port = 5});
  EXPECT_EQ(export_spans(passed), nullptr);
  EXPECT_EQ(export_spans(got), nullptr);
  Call again = begin(Role::kClient, {.pid = 5, .tid = 5, .exchange_id = 6, .client_port = 6});
  EXPECT_EQ(export_spans(again), nullptr);
  Call after = begin(Role::kServer, {.pid = 5, .tid = 5, .exchange_id = 7, .client_port = 7});
  EXPECT_NE(end(after), nullptr);
}

TEST_F(ExportedElsewhereTest, NothingLinksToItsOpenRequests) {
  Call in = receiving({.exchange_id = 7});
  SpanTree flush = tree("flush", by(0));
  flush.serves_all = true;
  EXPECT_TRUE(tell(std::move(flush), parent_ref(by(0)))->links.empty());
}

TEST_F(ExportedElsewhereTest, WhatIsLostOfItIsNoLoss) {
  Call in = receiving({.exchange_id = 7});
  ParentRefPtr at = parent_ref(by(7));
  in.sink.reset();
  EXPECT_EQ(tell(tree("s", by(7)), std::move(at))->parent.hex(), kParent);
}

}  // namespace
}  // namespace weft
