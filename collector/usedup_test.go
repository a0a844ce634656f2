package collector_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
)

type polledItem struct{ *collector.PollState }

// When the requests of the day are used up a job rests until the next day: what it did is kept, what is left has not failed, is
// first the next day, and nothing is asked meanwhile.
func TestAJobRestsWhenTheDayIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const budget = 30
		var asked []time.Duration
		began, today, items := time.Now(), budget, make([]polledItem, 50)
		for i := range items {
			items[i] = polledItem{collector.NewPollState(string(rune('a' + i)))}
		}
		midnight := began.Add(6 * time.Hour)
		reg, sink := prometheus.NewRegistry(), new(collectortest.Sink)
		account := collector.Account{Source: "hq", Workers: 1, Jobs: map[string]collector.JobConfig{"traffic": {Interval: 10 * time.Minute}}}
		e := collector.NewEngine(account, collectortest.Deps(sink, reg), time.Now, nil)
		e.Prepare(nil, collector.Job{Name: "traffic", Endless: true, Sweep: func(ctx context.Context, s *collector.Sweep, paced bool) {
			collector.PollAll(ctx, e, s, 0, items, paced, func(context.Context, *collector.Sweep, polledItem) error {
				if !time.Now().Before(midnight) && today < budget && time.Since(midnight) < time.Minute {
					today = budget
				}
				asked = append(asked, time.Since(began))
				if today == 0 {
					return &carrier.Error{Kind: carrier.KindUsedUp, RetryAfter: time.Until(midnight)}
				}
				today--
				return nil
			})
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Hour)
		defer cancel()
		_ = e.Run(ctx)
		if len(asked) != budget+1 {
			t.Errorf("asked %d times before midnight, want %d", len(asked), budget+1)
		}
		if err := testutil.GatherAndCompare(reg, strings.NewReader(`
			# HELP kaisen_job_resting 1 while the carrier does not answer the job at this time of day or week, or the requests of the day are used up; 0 otherwise.
			# TYPE kaisen_job_resting gauge
			kaisen_job_resting{job="traffic",source="hq"} 1
			# HELP kaisen_job_items Items of the last finished sweep of a job: lines, or contracts for lists and logs, and orders. Left are those that the interval had no time for, resting those that the carrier does not answer for now.
			# TYPE kaisen_job_items gauge
			kaisen_job_items{job="traffic",outcome="failed",source="hq"} 0
			kaisen_job_items{job="traffic",outcome="left",source="hq"} 20
			kaisen_job_items{job="traffic",outcome="ok",source="hq"} 30
			kaisen_job_items{job="traffic",outcome="resting",source="hq"} 0
		`), "kaisen_job_resting", "kaisen_job_items"); err != nil {
			t.Error(err)
		}
		if sweeps := sink.All().Sweeps; len(sweeps) != 1 || sweeps[0].OK != budget || sweeps[0].Failed != 0 {
			t.Errorf("sweeps %+v", sweeps)
		}
		time.Sleep(time.Until(midnight))
		asked, ctx = nil, t.Context()
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
		_ = e.Run(ctx)
		if len(asked) < 20 {
			t.Errorf("asked %d times right after midnight, want at least the 20 that were left", len(asked))
		}
	})
}

// kaisen sweep says what the day had no requests for: that is left undone, though nothing has failed.
func TestASweepSaysThatTheDayIsUsedUp(t *testing.T) {
	account := collector.Account{Source: "hq", Workers: 1, Jobs: map[string]collector.JobConfig{"lines": {Interval: time.Hour}}}
	e := collector.NewEngine(account, collectortest.Deps(new(collectortest.Sink), prometheus.NewRegistry()), time.Now, []string{"lines"})
	e.Prepare(nil, collector.Job{Name: "lines", Sweep: func(ctx context.Context, s *collector.Sweep, _ bool) {
		_ = e.List(ctx, s, "lines", func(context.Context) error { return &carrier.Error{Kind: carrier.KindUsedUp, RetryAfter: time.Hour} })
	}})
	sweeps, err := e.Once(t.Context())
	if err == nil || !strings.Contains(err.Error(), "job lines: 1 items are left: the requests of the day are used up") {
		t.Errorf("error %v", err)
	}
	if len(sweeps) != 1 || !sweeps[0].RestsUntil.Known || sweeps[0].Failed != 0 || e.Trouble() != nil {
		t.Errorf("sweeps %+v, trouble %v", sweeps, e.Trouble())
	}
}
