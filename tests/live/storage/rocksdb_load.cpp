// SPDX-License-Identifier: Apache-2.0
// Writes to a RocksDB: rocksdb_load FOLDER THREADS WRITES SYNC
#include <memory>
#include <rocksdb/db.h>

#include "tests/live/storage/load.h"

int main(int argc, char** argv) {
  return load::main(argc, argv, [](const std::string& folder, bool sync) {
    rocksdb::DB* opened = nullptr;
    rocksdb::Options options;
    options.create_if_missing = true;
    if (!rocksdb::DB::Open(options, folder + "/rocksdb", &opened).ok()) std::exit(3);
    rocksdb::WriteOptions how;
    how.sync = sync;
    return [db = std::shared_ptr<rocksdb::DB>(opened), how](const std::string& key) {
      return db->Put(how, key, "value of " + key).ok();
    };
  });
}
