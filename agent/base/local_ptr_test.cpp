// SPDX-License-Identifier: Apache-2.0
#include "agent/base/local_ptr.h"

#include <gtest/gtest.h>
#include <vector>

namespace weft {
namespace {

struct Link : Counted {
  LocalPtr<Link> next;
  int* gone = nullptr;
  ~Link() {
    if (gone) ++*gone;
  }
};
using LinkPtr = LocalPtr<Link>;

LinkPtr link(int& gone) {
  LinkPtr made = LinkPtr::make();
  made->gone = &gone;
  return made;
}

TEST(LocalPtr, TheLastOwnerDeletes) {
  int gone = 0;
  LinkPtr first = link(gone);
  LinkPtr again(first.get());
  const LinkPtr copy = first;
  EXPECT_TRUE(copy == again);
  first = nullptr;
  EXPECT_FALSE(first);
  LinkPtr moved = std::move(again);
  EXPECT_EQ(moved.get(), copy.get());
  EXPECT_EQ(gone, 0);
  { const LinkPtr last = std::move(moved); }
  EXPECT_EQ(gone, 0);
  const_cast<LinkPtr&>(copy) = {};
  EXPECT_EQ(gone, 1);
}

TEST(LocalPtr, MayBeAssignedToItselfAndFromWhatItOwns) {
  int gone = 0;
  LinkPtr first = link(gone);
  first->next = link(gone);
  LinkPtr& same = first;
  first = same;
  EXPECT_EQ(gone, 0);
  first = first->next;
  EXPECT_EQ(gone, 1);
  ASSERT_TRUE(first);
  first = std::move(same);
  EXPECT_TRUE(first);
  first = nullptr;
  EXPECT_EQ(gone, 2);
}

TEST(LocalPtr, GrowsWithAVector) {
  int gone = 0;
  std::vector<LinkPtr> all;
  for (int i = 0; i < 100; ++i) all.push_back(link(gone));
  EXPECT_EQ(gone, 0);
  const Link copy = *all[0];
  all.clear();
  EXPECT_EQ(gone, 100);
  EXPECT_EQ(copy.gone, &gone);
}

}  // namespace
}  // namespace weft
