// SPDX-License-Identifier: Apache-2.0

// The statements of driver_round_trips.py, with pgx: DB_PORT DATABASE MODE.
package main

import (
	"context"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

var modes = map[string]pgx.QueryExecMode{
	"cache_statement": pgx.QueryExecModeCacheStatement,
	"cache_describe":  pgx.QueryExecModeCacheDescribe,
	"describe_exec":   pgx.QueryExecModeDescribeExec,
	"exec":            pgx.QueryExecModeExec,
	"simple":          pgx.QueryExecModeSimpleProtocol,
}

func main() {
	ctx := context.Background()
	config, err := pgx.ParseConfig("host=127.0.0.1 user=postgres sslmode=disable port=" +
		os.Args[1] + " dbname=" + os.Args[2])
	must(err)
	config.DefaultQueryExecMode = modes[os.Args[3]]
	db, err := pgx.ConnectConfig(ctx, config)
	must(err)
	for number := 0; number < 4; number++ {
		_, err = db.Exec(ctx, "insert into notes values ($1, $2)", number, "one")
		must(err)
		tx, err := db.Begin(ctx)
		must(err)
		_, err = tx.Exec(ctx, "update notes set text = $1 where id = $2", "two", number)
		must(err)
		must(tx.Commit(ctx))
		var text string
		var count int64
		must(db.QueryRow(ctx, "select text from notes where id = $1", number).Scan(&text))
		must(db.QueryRow(ctx, "select count(*) from notes").Scan(&count))
	}
	must(db.Close(ctx))
}
