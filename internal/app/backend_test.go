package app

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/serviceorder"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
	"kaisen/schema"
)

// officeTime is 10:00 on a Wednesday.
func officeTime(t testing.TB) time.Time { return time.Date(2026, 5, 20, 10, 0, 0, 0, tokyo(t)) }

// newBackendFixture is a fixture whose one account is of another kind than unom.
func newBackendFixture(t testing.TB, kind collector.Kind, edit func(*simulator.Config)) *fixture {
	t.Helper()
	r := newFixture(t, func(c *simulator.Config) {
		c.Start, c.Lines, c.Contracts, c.ShareLines = officeTime(t), 0, 1, 0
		if edit != nil {
			edit(c)
		}
	})
	r.cfg.Sources = []config.Source{r.account(kind)}
	return r
}

// account is one of the carrier's accounts, of any kind.
func (r *fixture) account(kind collector.Kind) config.Source {
	source := config.DefaultSource(kind)
	id, secret := r.sim.Credentials()
	source.Name, source.BaseURL, source.TokenURL = kind.Name, r.server.URL, r.server.URL+"/oauth/v1/accesstokens"
	source.ClientID, source.ClientSecret = id, config.NewSecret(secret)
	source.RateLimit = config.RateLimit{RequestsPerSecond: 1e6, Burst: 1000, MaxInFlight: 8}
	if settings, has := source.Settings.(*serviceorder.Settings); has {
		settings.ServiceNames = []string{"uno", "ucaas", "sip-trunking", "mss", "050plusbiz", "ip-voice", "smart-pbx", "accs", "bdp-e"}
	}
	return source
}

// dial is a customer's own way to the carrier, beside the service's.
func (r *fixture) dial() *carrier.Client {
	r.t.Helper()
	client, err := NewClient(r.cfg, r.cfg.Sources[0], carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler), Options{Kinds: kinds.All(), Version: "test"})
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}

// at sets the carrier's clock.
func (r *fixture) at(now time.Time) {
	r.t.Helper()
	if err := r.sim.SetClock(simulator.ClockChange{Now: now}); err != nil {
		r.t.Fatal(err)
	}
}

// requests is how often the carrier was asked for an operation.
func (r *fixture) requests(operation string) (n uint64) {
	for _, times := range r.sim.Stats().Requests[operation] {
		n += times
	}
	return n
}

// job is what a sweep did for one job.
func job(t *testing.T, sweeps []schema.Sweep, name string) schema.Sweep {
	t.Helper()
	for _, s := range sweeps {
		if s.Job == name {
			return s
		}
	}
	t.Fatalf("no sweep of %s among %d", name, len(sweeps))
	return schema.Sweep{}
}

// gauges are the series of a metric, "{labels} value", as an exporter shows them.
func gauges(t testing.TB, address, metric string) (series []string) {
	t.Helper()
	for line := range strings.Lines(get(t, address+"/metrics")) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), metric+"{"); ok {
			series = append(series, "{"+rest)
		}
	}
	return series
}

// dump is everything that a person with SQL can read: every column of every table, as text.
func (r *fixture) dump() string {
	r.t.Helper()
	var all strings.Builder
	for _, table := range r.query("SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'") {
		body, err := chdbtest.Ask(r.t, r.dsn, "SELECT * FROM "+table+" FORMAT TSVRaw")
		if err != nil {
			r.t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s\n%s\n", table, body)
	}
	return all.String()
}

// finds returns where the beginning of a text stands that must not be there.
func finds(text, secret string) string {
	if at := strings.Index(text, secret); at >= 0 {
		return regexp.MustCompile(`\s+`).ReplaceAllString(text[max(0, at-60):at], " ")
	}
	return ""
}
