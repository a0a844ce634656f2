package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/internal/racetest"
	"kaisen/internal/simulator"
)

// TestFewLinesDoNotStopTheOthers: lines for which the carrier says that it is under maintenance, or that there are too many
// requests, or nothing at all, for as long as it lasts, are asked less and less, and all others as if these were not there:
// whether they complain from the start or later, in a fleet that is asked by a plan or at an interval.
func TestFewLinesDoNotStopTheOthers(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"503": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"responseHeader":{"errorCode":"503","errorMessage":"System Maintainance"}}`)
		},
		"200 that says 503": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"responseHeader":{"errorCode":"503","errorMessage":"System Maintainance"}}`)
		},
		"429":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"nothing": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	}
	all := slices.Sorted(maps.Keys(answers))
	for _, said := range all[:racetest.Fewer(len(all), 1)] {
		answer, interval := answers[said], 20*time.Second
		if said == "nothing" { // a sweep waits for the answers to its last questions
			interval = 2 * carrier.DefaultConfig().Timeout
		}
		for _, bad := range []int{1, 5, wholeContract} {
			for _, after := range []time.Duration{0, 5 * time.Minute} {
				adaptive := bad == 1 == (after > 0)
				t.Run(fmt.Sprintf("%s of %d after %s, adaptive %v", said, bad, after, adaptive), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { fewLines(t, answer, interval, bad, after, adaptive) })
				})
			}
		}
	}
}

// wholeContract is not some lines but all of one contract of three.
const wholeContract = 19

// fewLines has some of 57 lines complain, and looks how often the others are asked from ten minutes later on.
func fewLines(t *testing.T, answer http.HandlerFunc, interval time.Duration, bad int, after time.Duration, adaptive bool) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines, cfg.RPS, cfg.TokenLife = 57, 3, 0, 0, 24*time.Hour
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	const lasts, settled = 25 * time.Minute, 10 * time.Minute
	contract := "/v2/unom/contracts/" + sim.Contracts()[0] + "/"
	began := time.Now()
	var mu sync.Mutex
	asked := make(map[string][]time.Duration)
	var order []string
	fleet := simulatedDay{rate: 20, burst: 20, jobs: map[string]collector.JobConfig{
		"lines": {Interval: time.Minute}, "traffic": {Interval: interval}, "session": {Interval: 30 * time.Second},
	}}
	fleet.instead = func(w http.ResponseWriter, r *http.Request) bool {
		line, is := strings.CutSuffix(r.URL.Path, "/traffic")
		if !is {
			return false
		}
		at := time.Since(began)
		mu.Lock()
		if asked[line] == nil {
			order = append(order, line)
		}
		asked[line] = append(asked[line], at)
		complains := at >= after && slices.Contains(order[:min(bad, len(order))], line)
		if bad == wholeContract {
			complains = at >= after && strings.HasPrefix(line, contract)
		}
		mu.Unlock()
		if complains {
			answer(w, r)
		}
		return complains
	}
	_, watching := fleet.collector(t, sim, newSeenCrossings(), adaptive)
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	if err := watching.Run(ctx); err != nil {
		t.Error(err)
	}
	fewest, most := 1<<30, 0
	if bad == wholeContract {
		slices.SortStableFunc(order, func(a, b string) int {
			return cmp.Compare(strings.Index(b, contract), strings.Index(a, contract))
		})
		bad = slices.IndexFunc(order, func(line string) bool { return !strings.HasPrefix(line, contract) })
	}
	for n, line := range order {
		since := len(slices.DeleteFunc(slices.Clone(asked[line]), func(at time.Duration) bool { return at < after+settled }))
		if n < bad {
			most = max(most, since)
		} else {
			fewest = min(fewest, since)
		}
	}
	due := int((lasts - after - settled) / interval)
	t.Logf("%d lines; each of the others asked at least %d times of %d, a bad one at most %d times", len(order), fewest, due, most)
	if len(order) < 40 || fewest < due*8/10 || most > due {
		t.Errorf("of %d lines, one that is well was asked %d times, want %d; one that complains %d times", len(order), fewest, due, most)
	}
}
