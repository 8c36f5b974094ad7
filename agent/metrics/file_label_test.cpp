// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/file_label.h"

#include <gtest/gtest.h>

namespace weft::metrics {
namespace {

struct Row {
  std::string_view path;
  std::string_view label;
};

constexpr Row kRows[] = {
    {"", ""},
    {"app.wal", "app.wal"},
    {"/", "/"},
    {"/var/lib/postgresql/15/main/pg_wal/00000001000000000000002A",
     "/var/lib/postgresql/15/main/pg_wal/*"},
    {"…/pg_wal/0000000A00000001000000FF", "…/pg_wal/*"},
    {"/pg_wal/00000002.history", "/pg_wal/*.history"},
    {"/pg_wal/xlogtemp.4711", "/pg_wal/xlogtemp.*"},
    {"/rocks/000123.log", "/rocks/*.log"},
    {"000123.log", "*.log"},
    {"/mysql/binlog.000042", "/mysql/binlog.*"},
    {"/mysql/#innodb_redo/#ib_redo7", "/mysql/#innodb_redo/#ib_redo*"},
    {"/mysql/#innodb_redo/#ib_redo12_tmp", "/mysql/#innodb_redo/#ib_redo*_tmp"},
    {"/mongo/journal/WiredTigerLog.0000000001", "/mongo/journal/WiredTigerLog.*"},
    {"/etcd/member/wal/0000000000000001-000000000001a2b3.wal", "/etcd/member/wal/*-*.wal"},
    {"/logs/app-2026-08-01.log", "/logs/app-*-*-*.log"},
    {"/logs/f47ac10b-58cc.log", "/logs/*-*.log"},
    {"/data/app.db-wal", "/data/app.db-wal"},
    {"/data/tenant42.sqlite3-wal", "/data/tenant42.sqlite3-wal"},
    {"/data/app1.db-journal", "/data/app1.db-journal"},
    {"/data/face.wal", "/data/face.wal"},
    {"/data/db2.wal", "/data/db*.wal"},
    {"/15/16/", "/15/16/"},
};

TEST(FileLabel, Table) {
  for (const Row& row : kRows) EXPECT_EQ(file_label(row.path), row.label) << row.path;
}

}  // namespace
}  // namespace weft::metrics
