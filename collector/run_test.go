package collector_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
)

// runs is an engine with jobs that run every ten minutes for some time.
func runs(t *testing.T, lasts time.Duration, jobs ...collector.Job) {
	t.Helper()
	account := collector.Account{Source: "hq", Workers: 2, Jobs: map[string]collector.JobConfig{}}
	for _, job := range jobs {
		account.Jobs[job.Name] = collector.JobConfig{Interval: 10 * time.Minute}
	}
	e := collector.NewEngine(account, collectortest.Deps(new(collectortest.Sink), prometheus.NewRegistry()), time.Now, nil)
	e.Prepare(nil, jobs...)
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	if err := e.Run(ctx); err != nil {
		t.Error(err)
	}
}

// A job that is better off behind another does not wait for one that never ends.
func TestAJobWaitsNoLongerThanSomeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, at := time.Now(), time.Duration(0)
		runs(t, time.Minute, collector.Job{Name: "second", After: make(chan struct{}), Sweep: func(context.Context, *collector.Sweep, bool) {
			at = time.Since(began)
		}})
		if at != 10*time.Second {
			t.Errorf("began after %s, want 10s", at)
		}
	})
}

// A list that fails is read again after 5 s, 10 s and so on up to the interval; one that takes turns between well and badly
// is read no more often than its interval says, but for a few times.
func TestAListThatFailsIsReadAgain(t *testing.T) {
	for name, test := range map[string]struct {
		fails       func(n int) bool
		first, most int // in the first ten minutes, and in ten hours
	}{
		"always":              {func(int) bool { return true }, 7, 60 + 8},
		"every other time":    {func(n int) bool { return n%2 == 0 }, 1, 60 + 15},
		"all but every fifth": {func(n int) bool { return n%5 != 0 }, 5, 60 + 20},
	} {
		for kind, failure := range map[string]error{
			"away": &carrier.Error{Kind: carrier.KindNetwork}, "refused": &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403}, "other": errors.New("other"),
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began, n, first := time.Now(), 0, 0
					runs(t, 10*time.Hour, collector.Job{Name: "list", Sweep: func(ctx context.Context, s *collector.Sweep, _ bool) {
						n++
						if time.Since(began) < 10*time.Minute {
							first++
						}
						s.Expect(1)
						_ = s.Do(ctx, func(context.Context) error {
							if test.fails(n) {
								return failure
							}
							return nil
						})
					}})
					if first != test.first || n > test.most {
						t.Errorf("%d times in the first ten minutes, %d in all; want %d, and at most %d", first, n, test.first, test.most)
					}
				})
			})
		}
	}
}
