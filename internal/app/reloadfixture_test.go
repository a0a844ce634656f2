package app

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"kaisen/collector/unom"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// door is a way to the simulated carrier that notes what comes through it, and may have another secret than the carrier.
type door struct {
	*httptest.Server

	mu       sync.Mutex
	paths    []string
	times    []time.Time
	secret   string // in place of the carrier's; "" is the carrier's
	revoked  bool   // tokens that were given out before count no more
	accepted map[string]bool
	date     string // of the carrier's last answer
}

// newDoor is a way to the fixture's carrier.
func (r *fixture) newDoor() *door {
	d := &door{accepted: map[string]bool{}}
	carrier := r.sim.Handler()
	_, truth := r.sim.Credentials()
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		d.mu.Lock()
		d.paths, d.times = append(d.paths, req.URL.Path), append(d.times, time.Now())
		secret := d.secret
		w.Header().Set("Date", d.date)
		refused := d.revoked && req.Header.Get("Authorization") != "" && !d.accepted[req.Header.Get("Authorization")]
		d.mu.Unlock()
		if strings.HasSuffix(req.URL.Path, "/accesstokens") && secret != "" {
			body, _ := io.ReadAll(req.Body)
			refused = !bytes.Contains(body, []byte(`"`+secret+`"`))
			body = bytes.ReplaceAll(body, []byte(secret), []byte(truth))
			req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		if refused {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer := httptest.NewRecorder()
		carrier.ServeHTTP(answer, req)
		d.mu.Lock()
		d.date = answer.Header().Get("Date")
		d.mu.Unlock()
		if strings.HasSuffix(req.URL.Path, "/accesstokens") {
			var given struct{ AccessToken string }
			if json.Unmarshal(answer.Body.Bytes(), &given) == nil && given.AccessToken != "" {
				d.mu.Lock()
				d.accepted["Bearer "+given.AccessToken] = true
				d.mu.Unlock()
			}
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	r.t.Cleanup(d.Close)
	return d
}

// rotate has the carrier take another secret alone, and no token that it has given out for the old one.
func (d *door) rotate(secret string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.secret, d.revoked, d.accepted = secret, true, map[string]bool{}
}

// seen are the requests so far whose path has a text.
func (d *door) seen(text string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, path := range d.paths {
		if strings.Contains(path, text) {
			n++
		}
	}
	return n
}

// through is an account of the fixture's that goes through a door, and is asked every second.
func (r *fixture) through(d *door, name string, contracts ...string) config.Source {
	source := r.config().Sources[0]
	source.Name, source.BaseURL, source.TokenURL = name, d.URL, d.URL+"/v1/oauth/accesstokens"
	source.Settings, source.Schedule = &unom.Settings{Contracts: contracts}, config.ScheduleFixed
	second := config.Job{Interval: config.Duration(time.Second), Share: 1}
	source.Jobs = map[string]config.Job{unom.JobLines: second, unom.JobTraffic: second}
	return source
}

// reloading is a service that may be given another configuration.
type reloading struct {
	*fixture
	app     *App
	log     *liveLog
	address string
}

func (r *fixture) serve(sources ...config.Source) *reloading {
	r.t.Helper()
	r.cfg.Sources, r.cfg.Exporter.StaleAfter = sources, config.Duration(time.Hour) // however busy the machine is
	log := new(liveLog)
	a, err := New(r.cfg, slog.New(slog.NewTextHandler(log, nil)), Options{Kinds: kinds.All(), Version: "test"})
	if err != nil {
		r.t.Fatal(err)
	}
	a.forecasts = false
	a.reloads.look = 50 * time.Millisecond
	return &reloading{fixture: r, app: a, log: log, address: run(r.t, a)}
}

// with is the configuration with other sources.
func (s *reloading) with(sources ...config.Source) *config.Config {
	next := *s.app.config()
	next.Sources = sources
	return &next
}

func (s *reloading) reload(next *config.Config) error {
	return s.app.Reload(s.t.Context(), func() (*config.Config, error) { return next, nil })
}

func (s *reloading) take(next *config.Config) {
	s.t.Helper()
	if err := s.reload(next); err != nil {
		s.t.Fatal(err)
	}
}

// shown are the lines of the exposition with a text.
func (s *reloading) shown(text string) (found []string) {
	s.t.Helper()
	for line := range strings.Lines(get(s.t, s.address+"/metrics")) {
		if strings.Contains(line, text) && !strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	return found
}

// gauged waits until there are figures of a contract's lines.
func (s *reloading) gauged(labels string) {
	s.t.Helper()
	s.eventually("gauges of "+labels, func() bool { return len(s.shown("kaisen_line_month_bytes{"+labels)) > 0 })
}

// gone waits the second that the exposition may take until nothing shows a text any more.
func (s *reloading) gone(text string) {
	s.t.Helper()
	began := time.Now()
	for len(s.shown(text)) > 0 {
		if time.Since(began) > 20*time.Second { // on a machine with much else to do
			s.t.Fatalf("still shown:\n%s", strings.Join(s.shown(text), ""))
		}
		<-time.After(50 * time.Millisecond)
	}
}
