package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kaisen/internal/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var tokyo = time.FixedZone("JST", 9*60*60)

// frozen is a small carrier whose clock stands still at a time in Tokyo, unless a test says otherwise.
func frozen(start time.Time) simulator.Config {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 40, 2, 6
	cfg.Start, cfg.Speed = start, 0
	return cfg
}

func noon() time.Time { return time.Date(2026, 3, 20, 12, 34, 56, 0, tokyo) }

// client asks a carrier without a network between them.
type client struct {
	t       *testing.T
	carrier *simulator.Carrier
	handler http.Handler
	token   string
}

func newClient(t *testing.T, cfg simulator.Config) *client {
	t.Helper()
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, carrier: carrier, handler: carrier.Handler()}
	c.token = c.newToken()
	return c
}

func (c *client) newToken() string {
	id, secret := c.carrier.Credentials()
	body := fmt.Sprintf(`{"grantType":"client_credentials","clientId":%q,"clientSecret":%q}`, id, secret)
	r := httptest.NewRequest("POST", "/v1/oauth/accesstokens", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	var token struct{ AccessToken string }
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		c.t.Fatalf("token: %d %s", w.Code, w.Body)
	}
	return token.AccessToken
}

// do sends a request with the token. A broken connection is a nil answer.
func (c *client) do(method, url, body string) (w *httptest.ResponseRecorder) {
	c.t.Helper()
	var sent io.Reader
	if body != "" {
		sent = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, url, sent)
	r.Header.Set("Authorization", "Bearer "+c.token)
	w = httptest.NewRecorder()
	defer func() {
		if broken := recover(); broken == http.ErrAbortHandler {
			w = nil
		} else if broken != nil {
			panic(broken)
		}
	}()
	c.handler.ServeHTTP(w, r)
	return w
}

const base = "/v2/unom/contracts/"

// get asks for a call that must succeed, and reads its answer through all quirks.
func (c *client) get(path string) map[string]any {
	c.t.Helper()
	w := c.do("GET", base+path, "")
	if w.Code != 200 {
		c.t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return read(c.t, w.Body.String())
}

// lines is the truth of every line, now.
func (c *client) lines() []simulator.LineTruth {
	var all []simulator.LineTruth
	for l := range c.carrier.Truth(simulator.TruthQuery{}) {
		all = append(all, l)
	}
	return all
}

func (c *client) truth(l simulator.LineTruth) simulator.LineTruth {
	c.t.Helper()
	for found := range c.carrier.Truth(simulator.TruthQuery{Contract: l.ContractID, Line: l.LineNo}) {
		return found
	}
	c.t.Fatalf("no truth of line %s", l.LineNo)
	return simulator.LineTruth{}
}

func (c *client) clock(change simulator.ClockChange) {
	c.t.Helper()
	if err := c.carrier.SetClock(change); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) inject(events ...simulator.Event) {
	c.t.Helper()
	if err := c.carrier.Inject(events...); err != nil {
		c.t.Fatal(err)
	}
}

var braces = regexp.MustCompile(`\{("[^":]*"(?:,"[^":]*")*)\}`)

// read decodes an answer in any dialect into one form: keys as in the documents' tables, numbers as their digits,
// NULL as no key. It is written for these tests alone, so that no mistake is shared with the client.
func read(t *testing.T, body string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(braces.ReplaceAllString(body, "[$1]")))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return plain(v).(map[string]any)
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		names := map[string]string{"saessionType": "sessionType", "domeinName": "domainName", "accessCode": "accessType"}
		out := map[string]any{}
		for key, value := range v {
			key = strings.TrimSpace(key)
			if right, ok := names[key]; ok {
				key = right
			}
			if value = plain(value); value != nil {
				out[key] = value
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = plain(v[i])
			if option, ok := v[i].(map[string]any); ok && option["optionCode"] != nil && len(option) == 1 {
				v[i] = option["optionCode"]
			}
		}
		return v
	case json.Number:
		return v.String()
	case string:
		if v = strings.TrimSpace(v); v == "" || v == "NULL" {
			return nil
		}
		return v
	default:
		return v
	}
}

// rows is a list of an answer.
func rows(t *testing.T, answer map[string]any, key string) []map[string]any {
	t.Helper()
	list, ok := answer[key].([]any)
	if !ok {
		t.Fatalf("no list %s in %v", key, answer)
	}
	out := make([]map[string]any, len(list))
	for i := range list {
		out[i] = list[i].(map[string]any)
	}
	return out
}
