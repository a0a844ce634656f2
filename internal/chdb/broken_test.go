package chdb_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// A client that dies in the middle of an insert hangs up, and writes nothing. This one listens on, and so hears what
// came of it.
func TestInsertThatBreaksOffWritesNothing(t *testing.T) {
	t.Parallel()
	f := build(t)
	few, many := "1\n2\n3\n", strings.Repeat("1\n2\n3\n", 400_000)
	credentials := f.request(t.Context(), "service", "POST", "/", "").Header.Get("Authorization")
	for name, framing := range map[string]string{
		"few by length":  "Content-Length: 1000\r\n\r\n" + few,
		"few in chunks":  fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(few), few),
		"many by length": "Content-Length: 5000000\r\n\r\n" + many,
		"many in chunks": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(many), many),
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", f.http)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /?query=INSERT+INTO+kaisen.t+FORMAT+TSV HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n%s", f.http, credentials, framing)
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if answer, err := io.ReadAll(conn); err != nil || strings.Contains(string(answer), " 200 OK") {
				t.Errorf("%.300q, %v", answer, err)
			}
			f.mustAnswer(t) // with the one row that was there before
		})
	}
}
