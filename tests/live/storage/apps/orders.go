// SPDX-License-Identifier: Apache-2.0

// Orders in Go with database/sql and lib/pq: orders PORT DB_PORT. Builds with Go 1.19.
package main

import (
	"database/sql"
	"io"
	"log"
	"net/http"
	"os"
	"path"

	_ "github.com/lib/pq"
)

func main() {
	where := "host=127.0.0.1 user=postgres dbname=bench sslmode=disable port=" + os.Args[2]
	db, err := sql.Open("postgres", where)
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxIdleConns(16)
	order := func(w http.ResponseWriter, r *http.Request) {
		_, err := db.Exec("insert into orders select 1 as order" + path.Base(r.URL.Path))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		io.WriteString(w, "leaf\n")
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(order)))
}
