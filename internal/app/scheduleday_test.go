package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sort"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/ratelimit"
	"kaisen/collector/unom"
	"kaisen/internal/racetest"
	"kaisen/internal/simulator"
	"kaisen/schema"
)

// TestADayOfEachSchedule has the collector of an account ask the simulated carrier for a day, in virtual time, once by each
// schedule, with the real client, budget and carrier's limiter. An adaptive schedule sees crossings earlier than a fixed one,
// none later than max_age, and what is stored is as exact.
//
//	KAISEN_DAY=1 go test ./internal/app -run TestADayOfEachSchedule -v -timeout 1h
//
// takes 2,000 lines at 3 requests a second through 25 hours; without KAISEN_DAY a tenth of them does at a tenth of that rate.
func TestADayOfEachSchedule(t *testing.T) {
	racetest.Skip(t)
	day := simulatedDay{lines: 200, rate: 0.3, lasts: 25 * time.Hour}
	if os.Getenv("KAISEN_DAY") != "" {
		day.lines, day.rate = 2000, 3
	}
	results := map[bool]dayResult{}
	for _, adaptive := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { results[adaptive] = day.run(t, adaptive) })
	}
	t.Logf("%d lines, %v requests a second, %s\n%s\n%s\n%s", day.lines, day.rate, day.lasts,
		"| schedule | crossings | mean | p50 | p95 | worst | requests | rejected | wrong days and months |\n| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
		results[false].row("fixed"), results[true].row("adaptive"))
	for adaptive, r := range results {
		if r.rejected > 0 || r.wrong > 0 || len(r.delays) < r.crossings {
			t.Errorf("adaptive %v: %d requests rejected, %d of %d crossings not seen, wrong: %v", adaptive, r.rejected, r.crossings-len(r.delays), r.crossings, r.examples)
		}
	}
	fixed, planned := results[false], results[true]
	if fixed.crossings < 3 || planned.mean() > fixed.mean()/2 {
		t.Errorf("%d crossings are seen %s late by a plan, %s without", fixed.crossings, planned.mean(), fixed.mean())
	}
	if planned.quantile(1) > time.Hour {
		t.Errorf("a crossing was seen after %s, which is more than max_age", planned.quantile(1))
	}
}

// simulatedDay is a fleet and what may be asked about it.
type simulatedDay struct {
	lines int
	rate  float64 // requests a second
	lasts time.Duration
	burst int // 0: 3

	jobs    map[string]collector.JobConfig                // nil: as without a configuration
	instead func(http.ResponseWriter, *http.Request) bool // answers a request in place of the carrier; nil: none
}

// dayResult is what came of a day.
type dayResult struct {
	crossings int
	delays    []time.Duration // of those that were seen, in order
	requests  uint64
	rejected  int
	wrong     int
	examples  []string
}

func (r dayResult) row(name string) string {
	return fmt.Sprintf("| %s | %d | %s | %s | %s | %s | %d | %d | %d |", name, r.crossings, r.mean(), r.quantile(0.5),
		r.quantile(0.95), r.quantile(1), r.requests, r.rejected, r.wrong)
}

func (r dayResult) mean() time.Duration {
	var sum time.Duration
	for _, d := range r.delays {
		sum += d
	}
	return (sum / time.Duration(max(1, len(r.delays)))).Round(time.Second)
}

func (r dayResult) quantile(q float64) time.Duration {
	if len(r.delays) == 0 {
		return 0
	}
	return r.delays[min(len(r.delays)-1, int(q*float64(len(r.delays))))].Round(time.Second)
}

// run is the day by one schedule. It begins in the middle of a month and of a day, when lines come to their thresholds.
func (d simulatedDay) run(t *testing.T, adaptive bool) (result dayResult) {
	zone := tokyo(t)
	time.Sleep(time.Until(time.Date(2000, 1, 13, 13, 0, 0, 0, zone)))
	cfg := simulator.DefaultConfig()
	cfg.Seed, cfg.Lines, cfg.Contracts, cfg.ShareLines = 2, d.lines, 4, 20
	cfg.RPS, cfg.Burst, cfg.Latency, cfg.ServedMax, cfg.TokenLife = d.rate, 3, 50*time.Millisecond, 0, 24*time.Hour
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	seen := newSeenCrossings()
	client, watching := d.collector(t, sim, seen, adaptive)
	ctx, cancel := context.WithTimeout(t.Context(), d.lasts)
	defer cancel()
	if err := watching.Run(ctx); err != nil {
		t.Error(err)
	}
	result.requests, result.rejected = client.Stats().Requests, int(client.Stats().Throttled)
	counted := began.Add(time.Hour) // by then all lines have been asked
	result.crossings, result.delays = seen.delays(sim, counted, began.Add(d.lasts-time.Hour))
	result.wrong, result.examples = seen.wrong(sim, began.Add(d.lasts))
	return result
}

// collector is an account of the simulated carrier, at which its requests arrive without a network.
func (d simulatedDay) collector(t *testing.T, sim *simulator.Carrier, sink collector.Sink, adaptive bool) (*carrier.Client, collector.Collector) {
	t.Helper()
	kind, reg, log := unom.Kind(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler)
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL, cfg.Zone, cfg.Inspect = "hq", "http://carrier", "http://carrier/v1/oauth/accesstokens", tokyo(t), kind.Inspect
	cfg.ClientID, cfg.ClientSecret = sim.Credentials()
	cfg.Limit = ratelimit.Limit{RequestsPerSecond: d.rate, Burst: max(3, d.burst), MaxInFlight: 8}
	client, err := carrier.New(cfg, inMemory{sim.Handler(), d.instead}, carrier.NewMetrics(reg), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	settings := kind.Settings().(*unom.Settings)
	settings.Contracts = sim.Contracts()
	account := collector.Account{Source: "hq", Zone: cfg.Zone, Workers: 8, Jobs: d.jobs, Settings: settings, Adaptive: adaptive, Rate: client.Rate}
	if d.jobs == nil {
		account.Jobs = kind.DefaultJobs()
	}
	watching, err := kind.Open(reg)(account, client, collector.Deps{Sink: sink, Metrics: collector.NewMetrics(reg), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return client, watching
}

// inMemory is a transport to a handler.
type inMemory struct {
	handler http.Handler
	instead func(http.ResponseWriter, *http.Request) bool
}

// RoundTrip implements http.RoundTripper.
func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if m.instead == nil || !m.instead(w, r) {
		m.handler.ServeHTTP(w, r)
	}
	if err := r.Context().Err(); err != nil { // it was answered too late
		return nil, err
	}
	return w.Result(), nil
}

// seenCrossings keeps when the answers about each line were the first to show each threshold as passed, and the last
// figures of each day and month.
type seenCrossings struct {
	mu     sync.Mutex
	first  map[schema.LineKey][]time.Time // by threshold
	days   map[periodOf]uint64
	months map[periodOf]uint64
}

type periodOf struct {
	contract, lineNo string
	scope            schema.Scope
	date             string
}

func newSeenCrossings() *seenCrossings {
	return &seenCrossings{first: map[schema.LineKey][]time.Time{}, days: map[periodOf]uint64{}, months: map[periodOf]uint64{}}
}

// Write implements collector.Sink.
func (s *seenCrossings) Write(_ context.Context, b schema.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range b.Traffic {
		if row.Scope != schema.ScopeLine || !row.RemainingBytes.Known {
			continue
		}
		for n := passedBy(row.MonthBytes.V, row.RemainingBytes.V); len(s.first[row.LineKey]) < n; {
			s.first[row.LineKey] = append(s.first[row.LineKey], row.ReceivedAt)
		}
	}
	for _, row := range b.Daily {
		s.days[periodOf{row.ContractID, row.LineNo, row.Scope, row.Day.String()}] = row.Bytes
	}
	for _, row := range b.Monthly {
		s.months[periodOf{row.ContractID, row.LineNo, row.Scope, row.Month.String()}] = row.Bytes
	}
	return nil
}

// passedBy is how many thresholds figures show as passed: a fifth of the volume left, a twentieth, nothing.
func passedBy(month, left uint64) (n int) {
	for _, threshold := range []float64{0.2, 0.05, 0} {
		if float64(left) <= threshold*float64(month+left) {
			n++
		}
	}
	return n
}

// delays are those of all crossings between two times, of lines that have a volume of their own.
func (s *seenCrossings) delays(sim *simulator.Carrier, from, to time.Time) (crossings int, delays []time.Duration) {
	for at := range sim.Truth(simulator.TruthQuery{At: from, Days: 1}) {
		if at.Share != nil || at.Traffic[0].RemainingBytes == nil {
			continue
		}
		passed := func(second int) int {
			for l := range sim.Truth(simulator.TruthQuery{At: from.Add(time.Duration(second) * time.Second), Contract: at.ContractID, Line: at.LineNo, Days: 1}) {
				return passedBy(l.Traffic[0].MonthBytes, *l.Traffic[0].RemainingBytes)
			}
			return 0
		}
		seconds := int(to.Sub(from).Seconds())
		key := schema.LineKey{Source: "hq", ContractID: at.ContractID, LineNo: at.LineNo}
		for n := passed(0) + 1; n <= passed(seconds); n++ {
			crossings++
			if crossed := from.Add(time.Duration(sort.Search(seconds, func(second int) bool { return passed(second) >= n })) * time.Second); len(s.first[key]) >= n {
				delays = append(delays, max(0, s.first[key][n-1].Sub(crossed)))
			}
		}
	}
	slices.Sort(delays)
	return crossings, delays
}

// wrong compares what was stored of the days and months that are over with what the carrier knows.
func (s *seenCrossings) wrong(sim *simulator.Carrier, now time.Time) (wrong int, examples []string) {
	compare := func(what string, key periodOf, got map[periodOf]uint64, want uint64) {
		if bytes, stored := got[key]; !stored || bytes != want {
			wrong++
			if len(examples) < 5 {
				examples = append(examples, fmt.Sprintf("%s of %v: %d, the carrier has %d", what, key, bytes, want))
			}
		}
	}
	for l := range sim.Truth(simulator.TruthQuery{At: now, Days: 31}) {
		for _, traffic := range l.Traffic {
			if scope := schema.Scope(traffic.Scope); l.Exists && scope == schema.ScopeLine {
				for _, day := range traffic.Daily[1:] {
					compare("day", periodOf{l.ContractID, l.LineNo, scope, day.Date}, s.days, day.Bytes)
				}
				for _, month := range traffic.Monthly[1:3] {
					compare("month", periodOf{l.ContractID, l.LineNo, scope, month.Date}, s.months, month.Bytes)
				}
			}
		}
	}
	return wrong, examples
}
