// Package simulatortest asks a simulated carrier for tests, without a network between them, and reads its answers
// through all quirks. It is written for these tests alone, so that no mistake is shared with kaisen's client.
package simulatortest

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

	"kaisen/internal/simulator"
)

// Tokyo is the zone of the carrier and of its tests.
var Tokyo = time.FixedZone("JST", 9*60*60)

// Frozen is a small carrier whose clock stands still at a time in Tokyo, unless a test says otherwise.
func Frozen(start time.Time) simulator.Config {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 40, 2, 6
	cfg.Start, cfg.Speed = start, 0
	return cfg
}

// Noon is an ordinary time.
func Noon() time.Time { return time.Date(2026, 3, 20, 12, 34, 56, 0, Tokyo) }

// Client asks a carrier without a network between them.
type Client struct {
	T       *testing.T
	Carrier *simulator.Carrier
	Handler http.Handler
	Token   string
}

// NewClient makes a carrier and a client of it with a token.
func NewClient(t *testing.T, cfg simulator.Config) *Client {
	t.Helper()
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{T: t, Carrier: carrier, Handler: carrier.Handler()}
	c.Token = c.NewToken()
	return c
}

// NewToken asks for a token.
func (c *Client) NewToken() string {
	id, secret := c.Carrier.Credentials()
	body := fmt.Sprintf(`{"grantType":"client_credentials","clientId":%q,"clientSecret":%q}`, id, secret)
	r := httptest.NewRequest("POST", "/v1/oauth/accesstokens", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	var token struct{ AccessToken string }
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		c.T.Fatalf("token: %d %s", w.Code, w.Body)
	}
	return token.AccessToken
}

// Do sends a request with the token. A broken connection is a nil answer.
func (c *Client) Do(method, url, body string) (w *httptest.ResponseRecorder) {
	c.T.Helper()
	var sent io.Reader
	if body != "" {
		sent = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, url, sent)
	r.Header.Set("Authorization", "Bearer "+c.Token)
	w = httptest.NewRecorder()
	defer func() {
		if broken := recover(); broken == http.ErrAbortHandler {
			w = nil
		} else if broken != nil {
			panic(broken)
		}
	}()
	c.Handler.ServeHTTP(w, r)
	return w
}

// Base is where the addresses of UNO Mobile API v2.1 begin.
const Base = "/v2/unom/contracts/"

// Get asks for a call that must succeed, and reads its answer through all quirks.
func (c *Client) Get(path string) map[string]any {
	c.T.Helper()
	w := c.Do("GET", Base+path, "")
	if w.Code != 200 {
		c.T.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return Read(c.T, w.Body.String())
}

// Lines is the truth of every line, now.
func (c *Client) Lines() []simulator.LineTruth {
	var all []simulator.LineTruth
	for l := range c.Carrier.Truth(simulator.TruthQuery{}) {
		all = append(all, l)
	}
	return all
}

// Truth is the truth of one line, now.
func (c *Client) Truth(l simulator.LineTruth) simulator.LineTruth {
	c.T.Helper()
	for found := range c.Carrier.Truth(simulator.TruthQuery{Contract: l.ContractID, Line: l.LineNo}) {
		return found
	}
	c.T.Fatalf("no truth of line %s", l.LineNo)
	return simulator.LineTruth{}
}

// Clock changes the virtual clock.
func (c *Client) Clock(change simulator.ClockChange) {
	c.T.Helper()
	if err := c.Carrier.SetClock(change); err != nil {
		c.T.Fatal(err)
	}
}

// Inject makes events happen.
func (c *Client) Inject(events ...simulator.Event) {
	c.T.Helper()
	if err := c.Carrier.Inject(events...); err != nil {
		c.T.Fatal(err)
	}
}

var braces = regexp.MustCompile(`\{("[^":]*"(?:,"[^":]*")*)\}`)

// Read decodes an answer in any dialect into one form: keys as in the documents' tables, numbers as their digits,
// NULL as no key. It is written for these tests alone, so that no mistake is shared with the client.
func Read(t *testing.T, body string) map[string]any {
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

// Rows is a list of an answer.
func Rows(t *testing.T, answer map[string]any, key string) []map[string]any {
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
