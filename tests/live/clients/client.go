// SPDX-License-Identifier: Apache-2.0

// Sends a script of requests with Go's http.Client: client keep|close. Input and output:
// py_client.py. Builds with Go 1.19.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"sort"
	"strings"
)

type step struct{ Method, URL, Body string }

type outcome struct {
	Status  int         `json:"status"`
	Headers [][2]string `json:"headers"`
	Size    int         `json:"size"`
	Sha     string      `json:"sha"`
}

func send(client *http.Client, s step) outcome {
	var body io.Reader
	if s.Body != "" {
		body = bytes.NewReader([]byte(s.Body))
	}
	request, err := http.NewRequest(s.Method, s.URL, body)
	if err != nil {
		log.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	sum := sha256.Sum256(content)
	result := outcome{Status: response.StatusCode, Size: len(content)}
	result.Sha = hex.EncodeToString(sum[:])
	for key, values := range response.Header {
		for _, value := range values {
			result.Headers = append(result.Headers, [2]string{strings.ToLower(key), value})
		}
	}
	sort.Slice(result.Headers, func(a, b int) bool { return result.Headers[a][0] < result.Headers[b][0] })
	return result
}

func main() {
	client := &http.Client{
		Transport: &http.Transport{DisableKeepAlives: os.Args[1] == "close"},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	var steps []step
	if err := json.NewDecoder(os.Stdin).Decode(&steps); err != nil {
		log.Fatal(err)
	}
	results := []outcome{}
	for _, s := range steps {
		results = append(results, send(client, s))
	}
	json.NewEncoder(os.Stdout).Encode(results)
}
