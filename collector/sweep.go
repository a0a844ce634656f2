package collector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sourcegraph/conc/panics"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// Sweep is one execution of a job: what it did, and whether it is worth going on.
type Sweep struct {
	job     string
	started time.Time
	ended   time.Time     // once it is over
	tally   carrier.Tally // requests and throttled answers, counted by the client

	total  atomic.Int64 // items that the sweep covers, as far as known
	ok     atomic.Int64
	failed atomic.Int64
	left   atomic.Int64 // items that the interval had no time for; first in the next sweep
	rows   atomic.Int64

	resting atomic.Int64 // items that the carrier does not answer for now, which is no failure
	refused atomic.Int64 // answers that were failures
	probe   bool         // the carrier was away: one item alone is asked, until it is back
	others  atomic.Bool  // a failure was not the carrier's as a whole

	consecutiveFailures atomic.Int64 // in which the carrier said nothing of the item

	suspended     schema.Opt[time.Time] // known: the carrier does not answer the job until then, by its clock
	untilTomorrow atomic.Int64          // nanoseconds, 0: the requests of the day are not used up

	mu      sync.Mutex
	first   error    // the first failure, for the summary
	excuses []func() // of the items that failed since one went well: they did if the carrier is away
}

// Job is the name of the job.
func (s *Sweep) Job() string { return s.job }

// Started is when the sweep began.
func (s *Sweep) Started() time.Time { return s.started }

// Expect adds to the items that the sweep covers.
func (s *Sweep) Expect(items int) { s.total.Add(int64(items)) }

// Abandon counts items as failed that are not begun.
func (s *Sweep) Abandon(items int) { s.failed.Add(int64(items)) }

// Failed is how many items were not done.
func (s *Sweep) Failed() int64 { return s.failed.Load() }

// Left is how many items the interval had no time for.
func (s *Sweep) Left() int64 { return s.left.Load() }

// Suspend notes that the carrier does not answer the job at this time, which is no failure.
func (s *Sweep) Suspend(until time.Time) { s.suspended = schema.Some(until) }

// breakAfter is how many failures in a row, all of them the carrier's and none the item's, end a sweep early; in one
// that looks whether the carrier is back, the first does. What is left comes first in the next one.
const breakAfter = 24

// Broken reports whether the carrier is away altogether, so that asking on would only make noise.
func (s *Sweep) Broken() bool {
	failures := s.consecutiveFailures.Load()
	return failures >= breakAfter || failures > 0 && s.probing()
}

// probing reports whether the carrier was away, and has not answered since.
func (s *Sweep) probing() bool { return s.probe && s.ok.Load() == 0 && !s.others.Load() }

// away reports of a sweep that is over whether the carrier was away: nothing went well, and nothing was an item's fault,
// or it ended early.
func (s *Sweep) away() bool {
	return s.Broken() || s.ok.Load() == 0 && s.failed.Load() > 0 && !s.others.Load()
}

// Resting counts items that the carrier does not answer for now, which is no failure.
func (s *Sweep) Resting(items int) { s.resting.Add(int64(items)) }

// excuse keeps what takes an item's failure back, until something goes well.
func (s *Sweep) excuse(forgive func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.excuses = append(s.excuses, forgive)
}

// forgive takes back the failures of items that the carrier was away for: they are asked as soon as it is back.
func (s *Sweep) forgive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, forgive := range s.excuses {
		forgive()
	}
}

// cost is about how many requests the sweep took.
func (s *Sweep) cost() int64 {
	return max(1, int64(s.tally.Requests.Load()), s.refused.Load(), s.ok.Load()+s.failed.Load())
}

// Do does one item, and survives whatever it does. It returns the item's failure.
func (s *Sweep) Do(ctx context.Context, item func(context.Context) error) error {
	var err error
	caught := panics.Try(func() { err = item(ctx) })
	if caught != nil {
		err = fmt.Errorf("a defect in kaisen: %w", caught.AsError())
	}
	if err == nil {
		s.ok.Add(1)
		s.consecutiveFailures.Store(0)
		s.mu.Lock()
		s.excuses = nil
		s.mu.Unlock()
		return nil
	}
	s.Fail(err)
	return err
}

// Fail counts an item that was not done.
func (s *Sweep) Fail(err error) {
	if s.leaveUsedUp(err) {
		return
	}
	s.failed.Add(1)
	if carrierIsAway(err) {
		s.consecutiveFailures.Add(1)
	} else {
		s.consecutiveFailures.Store(0)
		s.others.Store(true)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		s.first = err
	}
}

// Err is the first failure of the sweep, with how many there were.
func (s *Sweep) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		return nil
	}
	if n := s.failed.Load(); n > 1 {
		return fmt.Errorf("%d items left undone, the first: %w", n, s.first)
	}
	return s.first
}

// Row is the row of table sweeps, once the sweep is over.
func (s *Sweep) Row(source string) schema.Sweep {
	return schema.Sweep{
		Source: source, Job: s.job, StartedAt: s.started, FinishedAt: s.ended, ObservedAt: s.ended,
		Requests: s.tally.Requests.Load(), Throttled: s.tally.Throttled.Load(),
		OK: uint64(s.ok.Load()), Failed: uint64(s.failed.Load()), Rows: uint64(s.rows.Load()),
		RestsUntil: s.suspended,
	}
}

// carrierIsAway reports whether a failure is the carrier's as a whole, and not that of one item.
func carrierIsAway(err error) bool {
	var failure *carrier.Error
	if !errors.As(err, &failure) {
		return errors.Is(err, context.DeadlineExceeded)
	}
	if failure.Own {
		return false
	}
	switch failure.Kind {
	case carrier.KindNetwork, carrier.KindMaintenance, carrier.KindUnauthorised, carrier.KindThrottled, carrier.KindServer:
		return true
	}
	return false
}
