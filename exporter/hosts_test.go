package exporter

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestForeignHosts: only names that are this server's are answered to, however they are written.
func TestForeignHosts(t *testing.T) {
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	named := newHosts(Config{Listen: "listen.example.com:10842", Hosts: []string{"Kaisen.Example.com"}}, inner)
	get := func(handler http.Handler, host, path string) int {
		response, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
		request.Host = host
		handler.ServeHTTP(response, request)
		if response.Code != http.StatusOK && !strings.Contains(response.Body.String(), "exporter.hosts") {
			t.Errorf("%s: %s does not say what to do", host, response.Body)
		}
		return response.Code
	}
	for host, want := range map[string]int{
		"": 200, "localhost": 200, "localhost:10842": 200, "LOCALHOST.:1": 200, "kaisen.localhost:1": 200, "127.0.0.1:10842": 200, "[::1]:10842": 200, "::1": 200,
		"10.1.2.3": 200, "[fe80::1]": 200, "kaisen:10842": 200, own: 200, "kaisen.example.com": 200, "KAISEN.example.com.:10842": 200, "listen.example.com:10842": 200,
		"evil.example.com": 421, "evil.example.com:10842": 421, "kaisen.example.com.evil.org": 421, "localhost.evil.org": 421, "127.0.0.1.evil.org": 421, "xkaisen.example.com": 421,
		"127.0.0.1.nip.io:10842": 421, "evil.org:80:80": 421,
	} {
		for _, path := range []string{"/", "/metrics", "/lines.csv", "/-/ready"} {
			if got := get(named, host, path); got != want {
				t.Errorf("%s of %q: %d, want %d", path, host, got, want)
			}
		}
		if got := get(named, host, "/-/healthy"); got != 200 {
			t.Errorf("healthy of %q: %d", host, got)
		}
		if got := get(newHosts(Config{Hosts: []string{"*"}}, inner), host, "/"); got != 200 {
			t.Errorf("%q with every name: %d", host, got)
		}
	}
}
