// Package lenienttest helps to test clients of the carrier's JSON APIs: a carrier that answers what a test says, the
// documents' examples, and the values in an answer to compare them by. It knows nothing of any API.
package lenienttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
)

// Serve is a client of a carrier that answers with api, behind a token that is not among what api is asked.
func Serve(t *testing.T, api http.HandlerFunc) *carrier.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"accessToken":"t","expiresIn":"3599"}`)
	})
	mux.HandleFunc("/", api)
	return Dial(t, mux, "/token", "id", "secret")
}

// Dial is a client of a carrier that is served for the time of the test. Failures of the network and of the carrier
// are not tried again, and nothing limits the rate.
func Dial(t *testing.T, peer http.Handler, tokenPath, clientID, clientSecret string) *carrier.Client {
	t.Helper()
	server := httptest.NewServer(peer)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL = "test", server.URL, server.URL+tokenPath
	cfg.ClientID, cfg.ClientSecret, cfg.RequestsPerSecond, cfg.MaxAttempts = clientID, clientSecret, 0, 1
	c, err := carrier.New(cfg, transport, carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Example is testdata/NAME.json.
func Example(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(body)
}

// Examples adds all files of testdata to the corpus of a fuzz test.
func Examples(f *testing.F) {
	f.Helper()
	files, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if name, ok := strings.CutSuffix(file.Name(), ".json"); ok {
			f.Add(Example(f, name))
		}
	}
}

// Values are the texts and numbers of a JSON text by their paths, customerSite[0].status, without NULL and "": what
// must be the same after reading and writing an answer.
func Values(t testing.TB, body []byte) map[string]string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	values := map[string]string{}
	collect(values, "", tree)
	return values
}

func collect(values map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			collect(values, strings.TrimPrefix(path+"."+key, "."), value)
		}
	case []any:
		for i, value := range v {
			collect(values, fmt.Sprintf("%s[%d]", path, i), value)
		}
	default:
		if text := fmt.Sprint(v); v != nil && text != "" {
			values[path] = text
		}
	}
}

// CheckValues checks that an answer which was accepted is JSON, and that it says every value which was read. Codes are read
// without leading zeros, numbers as numbers, and secrets are written as stars.
func CheckValues(t testing.TB, body []byte, got any) {
	t.Helper()
	if !json.Valid(body) {
		t.Fatalf("accepted %q, which is no JSON", body)
	}
	said := map[string]bool{"***": true}
	for value := range scalars(body) {
		value = strings.TrimSpace(value)
		said[value] = true
		said[strings.TrimLeft(value, "0")] = true
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			said[strconv.FormatInt(n, 10)] = true
		}
	}
	for path, value := range Values(t, Encode(t, got)) {
		if !said[value] {
			t.Errorf("%s is %q, which the answer %q does not say", path, value, body)
		}
	}
}

// scalars are the texts and numbers of a JSON text, those of a key that comes twice too.
func scalars(body []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var inObject []bool // by depth
		isKey := false
		for {
			token, err := decoder.Token()
			if err != nil {
				return
			}
			object := len(inObject) > 0 && inObject[len(inObject)-1]
			switch delim, ok := token.(json.Delim); {
			case ok && (delim == '{' || delim == '['):
				inObject = append(inObject, delim == '{')
				isKey = delim == '{'
				continue
			case ok:
				inObject = inObject[:len(inObject)-1]
			case object && isKey:
				isKey = false
				continue
			case token != nil && !yield(fmt.Sprint(token)):
				return
			}
			isKey = len(inObject) > 0 && inObject[len(inObject)-1]
		}
	}
}

// Encode writes a typed answer as JSON.
func Encode(t testing.TB, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// CutOff checks that an answer cut off anywhere is an error.
func CutOff(t *testing.T, body []byte, read func([]byte) error) {
	t.Helper()
	for n := range body {
		if read(body[:n:n]) == nil {
			t.Errorf("cut off after %d bytes it is accepted: %s", n, body[:n])
		}
	}
}
