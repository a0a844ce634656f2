package exporter

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/exporter/linelabel"
	"kaisen/schema"
)

// polled is a server that polls.
type polled struct {
	t       *testing.T
	server  *Server
	mu      sync.Mutex // over takes, and asked while polls are under way
	asked   []schema.LineKey
	takes   time.Duration
	failure error
	held    error // of the account hq
}

// count is how many polls have begun.
func (p *polled) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

// take sets how long a poll takes.
func (p *polled) take(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.takes = d
}

const withPassword = "basic_auth_users:\n  ops: $2y$10$abcdefghijklmnopqrstuv\n"

// newPolled has three lines, of which one has a name, behind a web configuration; "" for none.
func newPolled(t *testing.T, webConfig string, labels linelabel.Form) *polled {
	t.Helper()
	p := &polled{t: t}
	config := DefaultConfig()
	if webConfig != "" {
		config.WebConfigFile = filepath.Join(t.TempDir(), "web.yml")
		if err := os.WriteFile(config.WebConfigFile, []byte(webConfig), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config.Poll = func(ctx context.Context, key schema.LineKey) error {
		p.mu.Lock()
		p.asked = append(p.asked, key)
		takes := p.takes
		p.mu.Unlock()
		if p.held != nil && key.Source == "hq" {
			return p.held
		}
		select {
		case <-time.After(takes):
			return p.failure
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	of := fleet.DefaultConfig()
	if labels != "" {
		of.Labels = labelsOf(t, labels)
	}
	f := fleet.New(of)
	for _, number := range []string{"09000000001", "09000000002", "09000000012"} {
		f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory(number, schema.LineActive)}, Traffic: []schema.TrafficSample{fleettest.Answer(number, schema.ScopeLine)}})
	}
	f.Write(schema.Batch{Names: []schema.LineName{{LineKey: fleettest.LineKey("09000000002"), Name: "Shibuya 3", Present: true, ObservedAt: time.Now()}}})
	var err error
	if p.server, err = New(config, f, prometheus.NewRegistry(), Health{}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.server.polls.close)
	return p
}

// post asks for a poll, with headers as name, value, name, value.
func (p *polled) post(line string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "http://localhost/-/poll?line="+url.QueryEscape(line), nil)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response := httptest.NewRecorder()
	p.server.handler.ServeHTTP(response, request)
	return response
}

func (p *polled) expect(want int, text, line string, headers ...string) {
	p.t.Helper()
	response := p.post(line, headers...)
	var answer pollAnswer
	if err := json.Unmarshal(response.Body.Bytes(), &answer); err != nil || response.Code != want || !strings.Contains(response.Body.String(), text) {
		p.t.Errorf("%s: status %d, %s (%v); want %d with %q", line, response.Code, response.Body, err, want, text)
	}
}

// A line is found by number, name and label, and the answer says what the carrier said.
func TestPollFindsTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolled(t, withPassword, "")
		p.expect(200, `"status":"polled","source":"hq","contract_id":"N123456789","line":"09000000001","restriction":"recent","remaining_bytes":`, "09000000001")
		p.expect(200, `"line":"09000000002"`, "Shibuya 3")
		p.expect(200, `"line":"09000000002"`, "shibuya")
		p.expect(200, `"line":"09000000012"`, "090-0000-0012")
		p.expect(404, "no line has that", "09099999999")
		p.expect(409, `"lines":["hq/N123456789/09000000001"`, "0900000000")
		p.expect(400, "say which line", " ")
		var numbers []string
		for _, key := range p.asked {
			numbers = append(numbers, key.LineNo)
		}
		if want := []string{"09000000001", "09000000002", "09000000002", "09000000012"}; !slices.Equal(numbers, want) {
			t.Errorf("asked about %q, want %q", numbers, want)
		}
	})
}

// Where labels hide numbers, a number finds no line here either; the label does, and the carrier is asked by the number.
func TestPollFindsNoNumberThatIsHidden(t *testing.T) {
	p := newPolled(t, withPassword, linelabel.Hashed)
	p.expect(404, "no line has that", "09000000001")
	found, _ := p.server.fleet.Search(fleet.Query{Most: 1}, time.Now())
	p.expect(200, found[0].Label, found[0].Label)
	if len(p.asked) != 1 || !strings.HasPrefix(p.asked[0].LineNo, "0900000") {
		t.Errorf("asked about %v", p.asked)
	}
}

// Nobody polls who has not authenticated, and no other site in the name of somebody who has.
func TestPollIsForWhoHasAuthenticated(t *testing.T) {
	for webConfig, want := range map[string]int{
		"": 403, "tls_server_config: {cert_file: a, key_file: b}\n": 403, "tls_server_config: {client_auth_type: RequireAnyClientCert}\n": 403,
		"basic_auth_users: {}\n": 403, "{": 403,
		withPassword: 200, "tls_server_config: {client_auth_type: RequireAndVerifyClientCert}\n": 200,
	} {
		p := newPolled(t, webConfig, "")
		if got := p.post("09000000001").Code; got != want || p.count() != want/200%2 {
			t.Errorf("%q: status %d, want %d; asked %d times", webConfig, got, want, p.count())
		}
	}
	p := newPolled(t, withPassword, "")
	p.expect(403, "another site", "09000000001", "Sec-Fetch-Site", "cross-site")
	p.expect(403, "another site", "09000000001", "Sec-Fetch-Site", "same-site")
	p.expect(403, "another site", "09000000001", "Origin", "https://elsewhere.example")
	p.expect(200, "polled", "09000000001", "Sec-Fetch-Site", "same-origin")
	p.expect(200, "polled", "09000000001", "Origin", "http://localhost")
	request := httptest.NewRequest(http.MethodGet, "http://localhost/-/poll?line=09000000001", nil)
	response := httptest.NewRecorder()
	if p.server.handler.ServeHTTP(response, request); response.Code != http.StatusMethodNotAllowed || p.count() != 2 {
		t.Errorf("GET: status %d, asked %d times", response.Code, p.count())
	}
}

// One poll a line at a time, ten a minute, and one that takes long goes on behind its answer.
func TestPollIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolled(t, withPassword, "")
		p.take(30 * time.Second)
		began := time.Now()
		p.expect(202, `"status":"polling"`, "09000000001")
		if took := time.Since(began); took != PollWait {
			t.Errorf("answered after %v, want %v", took, PollWait)
		}
		p.expect(409, "already", "09000000001")
		time.Sleep(11 * time.Second)
		p.take(0)
		for range pollsAMinute - 1 {
			p.expect(200, "polled", "09000000001")
		}
		p.expect(429, "within a minute", "09000000002")
		if got := p.post("09000000002").Header().Get("Retry-After"); got != "60" {
			t.Errorf("Retry-After %q", got)
		}
		time.Sleep(time.Minute)
		p.expect(200, "polled", "09000000002")
		p.failure = errors.New("traffic of 09000000001: HTTP 500")
		response := p.post("09000000001")
		if response.Code != http.StatusBadGateway || strings.Contains(response.Body.String(), "HTTP 500") {
			t.Errorf("a failure: %d %s", response.Code, response.Body)
		}
		p.failure = ErrNotPolled
		p.expect(404, "nobody here watches", "09000000001")
	})
}

// A poll that goes on says when it is given up, and keeps nobody else from asking.
func TestAPollThatGoesOnHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolled(t, withPassword, "")
		p.take(time.Hour) // nothing comes through
		p.expect(202, `"given_up_in":100`, "09000000001")
		p.take(time.Second)
		p.expect(200, "polled", "09000000002")
		p.expect(409, "already", "09000000001")
		time.Sleep(pollTimeout - PollWait)
		synctest.Wait()
		p.expect(200, "polled", "09000000001")
	})
}

// Where a poll would have to wait too long it is refused at once: the answer says which limit that is and until when. It counts for
// nothing, and polls of another account go through.
func TestPollsThatWouldWaitAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolled(t, withPassword, "")
		branch, answer := fleettest.Inventory("09000000099", schema.LineActive), fleettest.Answer("09000000099", schema.ScopeLine)
		branch.Source, answer.Source = "branch", "branch"
		p.server.fleet.Write(schema.Batch{Lines: []schema.Line{branch}, Traffic: []schema.TrafficSample{answer}})
		p.take(0)
		began := time.Now()
		for ours, status := range map[bool]int{true: 429, false: 503} {
			p.held = &HeldUpError{Wait: 12*time.Minute + time.Millisecond, Why: "rate_limit.daily_requests lets it through in 12m0s", Ours: ours}
			for range pollsAMinute + 5 {
				p.expect(status, `"status":"rate_limit.daily_requests lets it`, "09000000001")
			}
			if got := p.post("09000000002").Header().Get("Retry-After"); got != "721" {
				t.Errorf("Retry-After %q", got)
			}
			p.expect(200, "polled", "09000000099")
		}
		p.held = nil
		p.expect(200, "polled", "09000000001")
		if time.Since(began) != 0 {
			t.Errorf("it took %v", time.Since(began))
		}
		for range pollsAMinute - 1 {
			p.expect(200, "polled", "09000000001")
		}
		p.expect(429, "of the account were asked about within a minute", "09000000001")
		p.expect(200, "polled", "09000000099")
	})
}

// The page of a line has the button where the reader has authenticated, and only there; its form leads back.
func TestThePageOffersToPoll(t *testing.T) {
	for webConfig, offered := range map[string]bool{"": false, withPassword: true} {
		p := newPolled(t, webConfig, "")
		request := httptest.NewRequest(http.MethodGet, "http://localhost/line?source=hq&contract=N123456789&line=09000000001", nil)
		response := httptest.NewRecorder()
		p.server.handler.ServeHTTP(response, request)
		const form = `<form method="post" action="/-/poll?contract=N123456789&amp;line=09000000001&amp;source=hq"><button>Ask the carrier now</button></form>`
		if got := strings.Contains(response.Body.String(), form); got != offered || response.Code != 200 {
			t.Errorf("%q: button %v, want %v: %s", webConfig, got, offered, response.Body)
		}
	}
	p := newPolled(t, withPassword, "")
	back := p.post("09000000001", "Accept", "text/html,application/xhtml+xml")
	if back.Code != http.StatusSeeOther || back.Header().Get("Location") != "/line?contract=N123456789&line=09000000001&source=hq" {
		t.Errorf("a browser gets %d to %q", back.Code, back.Header().Get("Location"))
	}
}

// The end of the server is the end of its polls.
func TestPollsEndWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolled(t, withPassword, "")
		p.take(time.Hour)
		go p.post("09000000001")
		synctest.Wait()
		began := time.Now()
		p.server.polls.close()
		if time.Since(began) != 0 {
			t.Errorf("the end took %v", time.Since(began))
		}
		p.expect(503, "ending", "09000000002")
	})
}
