// SPDX-License-Identifier: Apache-2.0

// Go's net/http server: server PORT. Answers as routes.py says; builds with Go 1.19.
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path"
	"strings"
)

var large = bytes.Repeat([]byte("abcdefghijklmnopqrstuvwxyz"), 40346)

func chunked(w http.ResponseWriter) {
	w.WriteHeader(200)
	for n := 1; n <= 5; n++ {
		io.WriteString(w, strings.Repeat(fmt.Sprintf("piece %d of five\n", n), 50))
		w.(http.Flusher).Flush()
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	switch path.Base(r.URL.Path) {
	case "ok":
		io.WriteString(w, "ok\n")
	case "echo":
		w.Write(body)
	case "fail":
		w.WriteHeader(500)
		io.WriteString(w, "it failed\n")
	case "chunked":
		chunked(w)
	case "large":
		w.Write(large)
	default:
		w.WriteHeader(404)
		io.WriteString(w, "nothing here\n")
	}
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(serve)))
}
