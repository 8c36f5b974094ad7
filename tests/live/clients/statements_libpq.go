// SPDX-License-Identifier: Apache-2.0

// The statements of driver_round_trips.py, with database/sql and lib/pq: DB_PORT DATABASE.
package main

import (
	"database/sql"
	"log"
	"os"

	_ "github.com/lib/pq"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	db, err := sql.Open("postgres", "host=127.0.0.1 user=postgres sslmode=disable port="+
		os.Args[1]+" dbname="+os.Args[2])
	must(err)
	db.SetMaxOpenConns(1)
	kept, err := db.Prepare("select text from notes where id = $1 -- kept")
	must(err)
	for number := 0; number < 4; number++ {
		_, err = db.Exec("insert into notes values ($1, $2)", number, "one")
		must(err)
		tx, err := db.Begin()
		must(err)
		_, err = tx.Exec("update notes set text = $1 where id = $2", "two", number)
		must(err)
		must(tx.Commit())
		var text string
		must(db.QueryRow("select text from notes where id = $1", number).Scan(&text))
		must(kept.QueryRow(number).Scan(&text))
		must(db.QueryRow("select count(*) from notes").Scan(&text))
	}
	must(kept.Close())
	must(db.Close())
}
