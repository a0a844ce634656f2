package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"kaisen/collector/carrier"
)

// below is an address below a contract: /v2/unom/contracts/N123456789/lines/09012345678/traffic.
func below(contractID string, parts ...string) string {
	var b strings.Builder
	b.WriteString("/v2/unom/contracts/")
	b.WriteString(url.PathEscape(contractID))
	for _, part := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(part))
	}
	return b.String()
}

func get(path string) carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodGet, Path: path}
}

// remove is a DELETE, whose agreement stands in the query since v2.1 (2017-10-25).
func remove(path string, a Agreement) carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodDelete, Path: path, Query: url.Values{"agreement": {string(a)}}}
}

// send is a POST or a PUT. Body is a struct in the document's order.
func send(method, path string, body any) carrier.RequestSpec {
	return carrier.RequestSpec{Method: method, Path: path, Body: plainJSON(body)}
}

// plainJSON is compact JSON with <, > and & as they are: a password may hold them, and the document escapes nothing.
func plainJSON(value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // cannot be: strings and numbers in structs
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// terms is the body of a change without anything else (call 24).
type terms struct {
	Agreement Agreement `json:"agreement"`
}

// agreedInfo is the body of a change of one line.
type agreedInfo[T any] struct {
	Agreement Agreement `json:"agreement"`
	Info      T         `json:"lineInfo"`
}
