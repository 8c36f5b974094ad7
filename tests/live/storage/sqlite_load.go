// SPDX-License-Identifier: Apache-2.0

// Commits to an SQLite database in WAL mode: sqlite_load FOLDER WRITES. Builds with Go 1.19.
package main

import (
	"database/sql"
	"log"
	"os"
	"strconv"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	writes, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	options := "?_journal_mode=WAL&_synchronous=FULL"
	db, err := sql.Open("sqlite3", "file:"+os.Args[1]+"/load.db"+options)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("create table t(id integer primary key, n int)"); err != nil {
		log.Fatal(err)
	}
	for i := 0; i < writes; i++ {
		if _, err := db.Exec("insert into t(n) values (?)", i); err != nil {
			log.Fatal(err)
		}
	}
}
