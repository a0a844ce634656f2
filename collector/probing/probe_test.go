package probing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	"kaisen/collector/probing"
)

// server is an http.RoundTripper that a function answers.
type server func(*http.Request) (*http.Response, error)

func (s server) RoundTrip(req *http.Request) (*http.Response, error) { return s(req) }

func reply(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}, nil
}

// newProbe is a probe of a server with a client that tries again and again, as no probe's should.
func newProbe(t *testing.T, s server) (*probing.Probe, *probing.Tap, *carrier.Client) {
	t.Helper()
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.RequestsPerSecond, cfg.MaxWait = "hq", "http://carrier.test", 0, time.Second
	cfg.Credentials = carrier.Credentials{TokenURL: "http://carrier.test/token", Style: carrier.StyleJSON, ClientID: "c", ClientSecret: "hidden-secret"}
	tap := probing.NewTap("hq", cfg.TokenURL, s)
	client, err := carrier.New(cfg, tap, carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return probing.New(tap, cfg.ClientSecret, 5), tap, client
}

func ask(ctx context.Context, p *probing.Probe, c *carrier.Client, operation, method string) error {
	_, err := probing.Ask(ctx, p, "", operation, func(int) int { return 1 }, func(ctx context.Context) (carrier.Answer[int], error) {
		_, err := c.Do(ctx, operation, carrier.RequestSpec{Method: method, Path: "/" + operation})
		return carrier.Answer[int]{}, err
	})
	return err
}

// No carrier and no question brings a probe beyond its requests: tokens that die at once, failures that are tried again,
// and answers that do not come included.
func TestAProbeNeverSendsMoreThanItMay(t *testing.T) {
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 1))
			sent := 0
			p, tap, client := newProbe(t, func(req *http.Request) (*http.Response, error) {
				sent++
				if req.URL.Path == "/token" && dice.IntN(4) > 0 {
					return reply(200, `{"accessToken":"t","expiresIn":1}`)
				}
				switch dice.IntN(8) {
				case 0:
					return nil, io.ErrUnexpectedEOF
				case 1:
					<-req.Context().Done()
					return nil, req.Context().Err()
				case 2, 3:
					return reply([]int{401, 403, 429, 500, 502, 503}[dice.IntN(6)], "{}")
				}
				return reply(200, "{}")
			})
			for n := range 200 {
				_ = ask(t.Context(), p, client, fmt.Sprintf("operation%d", n), http.MethodGet)
			}
			for n := range 200 { // and past everything that would stop it
				_, _ = client.Get(t.Context(), fmt.Sprintf("other%d", n), "/x", nil)
			}
			if sent != tap.Sent() || sent > probing.MostRequests {
				t.Errorf("seed %d: %d requests, the tap has %d", seed, sent, tap.Sent())
			}
		})
	}
}

// A probe sends nothing that could change something.
func TestAProbeOnlyReads(t *testing.T) {
	p, tap, client := newProbe(t, func(req *http.Request) (*http.Response, error) {
		if req.Method != http.MethodGet && req.URL.Path != "/token" {
			t.Errorf("%s %s", req.Method, req.URL)
		}
		return reply(200, `{"accessToken":"t","expiresIn":"3599"}`)
	})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if err := ask(t.Context(), p, client, "change"+method, method); err == nil {
			t.Errorf("%s was sent", method)
		}
	}
	if tap.Sent() > 1 {
		t.Errorf("%d requests, want that for a token", tap.Sent())
	}
}

// What fails is not asked for ever, and what does not answer at all only once.
func TestAProbeGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := map[string]int{}
		p, _, client := newProbe(t, func(req *http.Request) (*http.Response, error) {
			asked[req.URL.Path]++
			switch req.URL.Path {
			case "/token":
				return reply(200, `{"accessToken":"t"}`)
			case "/refused":
				return reply(403, "{}")
			case "/silent":
				return nil, io.ErrUnexpectedEOF
			}
			return reply(200, "{}")
		})
		for range 10 {
			for _, operation := range []string{"refused", "silent", "fine"} {
				_ = ask(t.Context(), p, client, operation, http.MethodGet)
			}
		}
		if attempts := carrier.DefaultConfig().MaxAttempts; asked["/refused"] != 2 || asked["/silent"] != attempts || asked["/fine"] != 10 {
			t.Errorf("asked %v", asked)
		}
	})
}

// Whatever an answer repeats, a report has neither the secret nor a line number, nor what stands in odd headers.
func TestAReportRepeatsNothingOfAnAnswer(t *testing.T) {
	p, _, client := newProbe(t, func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/token" {
			return reply(200, `{"accessToken":"tok-en","expires_in":3600}`)
		}
		resp, err := reply(400, `{"responseHeader":{"errorCode":"tok-en","errorMessage":"hidden-secret of 09012345678 and tok-en"}}`)
		resp.Header.Set("Content-Type", "application/hidden-secret")
		resp.Header.Set("Retry-After", "hidden-secret")
		return resp, err
	})
	_ = ask(t.Context(), p, client, "one", http.MethodGet)
	text, err := json.Marshal(p.Report(t.Context(), probing.API{Kind: "made-up"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"hidden-secret", "09012345678", "tok-en"} {
		if bytes.Contains(text, []byte(never)) {
			t.Errorf("%q is in %s", never, text)
		}
	}
	for _, want := range []string{`the answer has accessToken, expires_in as a number`, `"answered":0,"status":400`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
}

// A probe that is interrupted reports what it has.
func TestAnInterruptedProbeReports(t *testing.T) {
	p, _, client := newProbe(t, func(*http.Request) (*http.Response, error) { return reply(200, `{"accessToken":"t"}`) })
	ctx, cancel := context.WithCancel(t.Context())
	p.Expect("job", "one", "two")
	_ = ask(ctx, p, client, "one", http.MethodGet)
	cancel()
	_ = ask(ctx, p, client, "two", http.MethodGet)
	r := p.Report(ctx, probing.API{})
	if r.Complete || r.Stopped != "interrupted" || len(r.Operations) != 3 || r.Operations[1].Outcome != probing.Answered ||
		r.Operations[2].Outcome != probing.NotAsked {
		t.Errorf("%+v", r)
	}
}
