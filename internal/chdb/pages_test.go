package chdb_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// send writes a request byte by byte as given, with the analyst's password, and returns the answer.
func (f attackedEngine) send(t *testing.T, line string, headers ...string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", f.http)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	request := f.request(t.Context(), "analyst", "GET", "/", "")
	headers = append(headers, "Authorization: "+request.Header.Get("Authorization"), "Connection: close")
	fill := strings.NewReplacer("{http}", f.http, "{port}", f.http[strings.LastIndexByte(f.http, ':')+1:])
	fmt.Fprint(conn, fill.Replace(line+"\r\n"+strings.Join(headers, "\r\n")+"\r\n\r\n"))
	method, _, _ := strings.Cut(line, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Errorf("%s %q: %v", line, headers, err)
		return &http.Response{}, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("%s %q: %v", line, headers, err)
	}
	return response, string(text)
}

// What a browser sends for a page says whose page it is, in Sec-Fetch-Site, in Origin, or at least in Host. The analyst's
// password, which the browser remembers, is with every request here.
func attackFromPages(t *testing.T, f attackedEngine) {
	const host = "Host: {http}"
	type test struct {
		name, line string // "" asks for 7
		headers    []string
		answered   bool
	}
	tests := []test{
		{"curl", "", []string{host}, true},
		{"typed into the address bar", "", []string{host, "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate"}, true},
		{"link on a foreign page", "", []string{host, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"}, false},
		{"link on a page of another port", "", []string{host, "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate"}, false},
		{"a site nobody has heard of", "", []string{host, "Sec-Fetch-Site: nested"}, false},
		{"site in capitals", "", []string{host, "Sec-Fetch-Site: CROSS-SITE"}, false},
		{"site twice", "", []string{host, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: none"}, false},
		{"its own page", "", []string{host, "Sec-Fetch-Site: same-origin", "Origin: http://{http}"}, true},
		{"its own page by name", "", []string{"Host: localhost:{port}", "Origin: http://localhost:{port}"}, true},
		{"foreign origin", "", []string{host, "Origin: https://evil.example"}, false},
		{"no origin to speak of", "", []string{host, "Origin: null"}, false},
		{"another port", "", []string{host, "Origin: http://127.0.0.1:1"}, false},
		{"an origin that begins like ours", "", []string{host, "Origin: http://{http}.evil.example"}, false},
		{"an origin that ends like ours", "", []string{host, "Origin: http://evil.example/{http}"}, false},
		{"two origins in one", "", []string{host, "Origin: http://{http}, https://evil.example"}, false},
		{"two origins", "", []string{host, "Origin: https://evil.example", "Origin: http://{http}"}, false},
		{"header in another case", "", []string{"hOST: {http}", "oRIGIN: null"}, false},
		{"DNS rebinding", "", []string{"Host: evil.example:{port}", "Sec-Fetch-Site: same-origin"}, false},
		{"DNS rebinding with its origin", "", []string{"Host: evil.example:{port}", "Origin: http://evil.example:{port}"}, false},
		{"DNS rebinding with our origin", "", []string{"Host: evil.example:{port}", "Origin: http://{http}"}, false},
		{"two hosts", "", []string{"Host: evil.example", host}, false},
		{"no host", "", nil, false},
		{"empty host", "", []string{"Host: "}, false},
		{"absolute target of another", "GET http://evil.example/?query=SELECT+7 HTTP/1.1", []string{host}, false},
		{"absolute target, foreign host", "GET http://{http}/?query=SELECT+7 HTTP/1.1", []string{"Host: evil.example"}, false},
		{"HTTP/1.0 without a host", "GET /?query=SELECT+7 HTTP/1.0", nil, false},
		{"form of a foreign page", "POST /?query=SELECT+7 HTTP/1.1", []string{host, "Origin: null", "Content-Type: text/plain", "Content-Length: 0"}, false},
		{"websocket of a foreign page", "", []string{host, "Origin: https://evil.example", "Upgrade: websocket", "Sec-WebSocket-Key: eA=="}, false},
	}
	for _, name := range []string{"127.0.0.1", "127.0.0.1:1", "localhost", "LocalHost:{port}", "localhost.:{port}", "kaisen.localhost:{port}", "[::1]:{port}"} {
		tests = append(tests, test{"by the name " + name, "", []string{"Host: " + name}, true})
	}
	for _, name := range []string{"127.0.0.1.evil.example", "localhost.evil.example", "xlocalhost", "2130706433", "0.0.0.0", "{http}@evil.example", "evil.example#{http}", "[::ffff:127.0.0.1]"} {
		tests = append(tests, test{"by the name " + name, "", []string{"Host: " + name}, false})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.line == "" {
				tt.line = "GET /?query=SELECT+7 HTTP/1.1"
			}
			response, text := f.send(t, tt.line, tt.headers...)
			if answered := response.StatusCode == 200 && text == "7\n"; answered != tt.answered || !answered && response.StatusCode != 403 {
				t.Errorf("%s: %q", response.Status, text)
			}
			if got := response.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("allows the origin %s", got)
			}
		})
	}
}

// No answer lets a foreign page read it, whatever the address asks for.
func attackAcrossOrigins(t *testing.T, f attackedEngine) {
	for _, origin := range []string{"https://evil.example", "null", "http://{http}"} {
		for _, target := range []string{"/", "/?add_http_cors_header=1&query=SELECT+7", "/ping", "/play", "/nosuch",
			"/?query=SELECT+7&http_response_headers=" + url.QueryEscape("{'Access-Control-Allow-Origin': '*'}")} {
			for _, method := range []string{"OPTIONS", "GET"} {
				response, _ := f.send(t, method+" "+target+" HTTP/1.1", "Host: {http}", "Origin: "+origin, "Access-Control-Request-Method: POST",
					"Access-Control-Request-Headers: authorization", "Access-Control-Request-Private-Network: true")
				for name := range response.Header {
					if strings.HasPrefix(name, "Access-Control-Allow-") {
						t.Errorf("%s %s from %s: %s: %s", method, target, origin, name, response.Header.Get(name))
					}
				}
				if response.StatusCode < 400 && origin != "http://{http}" {
					t.Errorf("%s %s from %s: %s", method, target, origin, response.Status)
				}
			}
		}
	}
}

// Of ClickHouse's pages there are those that somebody needs, under the one name each has.
func attackWithPaths(t *testing.T, f attackedEngine) {
	tests := map[string]int{
		"/": 200, "/ping": 200, "/play": 200, "/replicas_status": 200, "/replicas_status?verbose=1": 200, "/?query=SELECT+7": 200,
	}
	for _, path := range []string{"//", "//?query=SELECT+7", "/./", "/%2f", "/../?query=SELECT+7", "/;?query=SELECT+7", "/query?query=SELECT+7", "*", "?query=SELECT+7", "/ping/", "/PING",
		"/dashboard", "/binary", "/merges", "/jemalloc", "/js/uplot.js", "/js/lz-string.js", "/metrics", "/schema", "/clickstack", "/webterminal", "/api/v1/write", "/predefined", "/.well-known/x"} {
		tests[path] = 403
	}
	for path, want := range tests {
		for _, origin := range []string{"", "http://{http}"} { // one's own origin opens no other path
			if origin != "" && want == 200 {
				continue
			}
			if response, text := f.send(t, "GET "+path+" HTTP/1.1", "Host: {http}", "Origin: "+origin); response.StatusCode != want {
				t.Errorf("%s from %q: %s: %.80q", path, origin, response.Status, text)
			}
		}
	}
}

// What an address may ask for beside the query.
func attackWithArguments(t *testing.T, f attackedEngine) {
	bounds := "SELECT getSetting('readonly'), getSetting('max_memory_usage')"
	tests := map[string]string{ // what the answer has
		"max_threads=1":                    "2\t1000000000\n",
		"quota_key=x":                      "2\t1000000000\n",
		"profile=default":                  "2\t1000000000\n", // the profile is another, the bounds stay
		"profile=profile_kaisen":           "2\t1000000000\n",
		"readonly=0":                       "READONLY",
		"max_memory_usage=0":               "SETTING_CONSTRAINT_VIOLATION",
		"profile=default&readonly=0":       "READONLY",
		"max_execution_time=0":             "SETTING_CONSTRAINT_VIOLATION",
		"http_response_headers={'a':'b'}":  "SETTING_CONSTRAINT_VIOLATION",
		"add_http_cors_header=1":           "SETTING_CONSTRAINT_VIOLATION",
		"format_template_row=/etc/passwd":  "SETTING_CONSTRAINT_VIOLATION",
		"role=kaisen_writer":               "UNKNOWN_ROLE",
		"user=kaisen":                      "AUTHENTICATION_FAILED",
		"user=kaisen&password=x":           "AUTHENTICATION_FAILED",
		"stacktrace=1&max_memory_usage=0":  "SETTING_CONSTRAINT_VIOLATION",
		"session_id=a&session_timeout=1e9": "INVALID_SESSION_TIMEOUT",
	}
	for arguments, want := range tests {
		arguments = strings.NewReplacer("{", "%7B", "}", "%7D", "'", "%27").Replace(arguments)
		if _, text := do(t, f.request(t.Context(), "analyst", "POST", "/?"+arguments, bounds)); !strings.Contains(text, want) {
			t.Errorf("%s: %s", arguments, text)
		}
	}
	if _, text := do(t, f.request(t.Context(), "service", "GET", "/?readonly=0&query=DROP+TABLE+kaisen.t", "")); !strings.Contains(text, "readonly") {
		t.Errorf("GET changes something: %s", text)
	}
}

// A name without its password is nobody, and who says twice who they are, too.
func attackWithCredentials(t *testing.T, f attackedEngine) {
	service := f.accounts["service"]
	for _, headers := range [][]string{
		{"X-ClickHouse-User: kaisen"},
		{"X-ClickHouse-User: kaisen", "X-ClickHouse-Key: " + service.password},
		{"X-ClickHouse-User: kaisen", "X-ClickHouse-SSL-Certificate-Auth: on"},
	} {
		if response, text := f.send(t, "GET /?query=SELECT+currentUser() HTTP/1.1", append(headers, "Host: {http}")...); response.StatusCode != 403 {
			t.Errorf("%q: %s: %s", headers[0], response.Status, text)
		}
	}
}
