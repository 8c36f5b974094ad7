// SPDX-License-Identifier: Apache-2.0

// A hop of the chain in Go: hop PORT [NEXT_PORT]. Builds with Go 1.19.
package main

import (
	"io"
	"log"
	"math/rand"
	"net/http"
	"os"
	"time"
)

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func hop(w http.ResponseWriter, r *http.Request) {
	if len(os.Args) < 3 {
		io.WriteString(w, "leaf\n")
		return
	}
	time.Sleep(time.Duration(rand.Intn(3000)) * time.Microsecond)
	answer, err := client.Get("http://127.0.0.1:" + os.Args[2] + r.URL.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	io.Copy(w, answer.Body)
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(hop)))
}
