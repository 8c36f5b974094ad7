// SPDX-License-Identifier: Apache-2.0
// Writes to a LevelDB: leveldb_load FOLDER THREADS WRITES SYNC
#include <leveldb/db.h>
#include <memory>

#include "tests/live/storage/load.h"

int main(int argc, char** argv) {
  return load::main(argc, argv, [](const std::string& folder, bool sync) {
    leveldb::DB* opened = nullptr;
    leveldb::Options options;
    options.create_if_missing = true;
    if (!leveldb::DB::Open(options, folder + "/leveldb", &opened).ok()) std::exit(3);
    leveldb::WriteOptions how;
    how.sync = sync;
    return [db = std::shared_ptr<leveldb::DB>(opened), how](const std::string& key) {
      return db->Put(how, key, "value of " + key).ok();
    };
  });
}
