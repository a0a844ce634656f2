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

// pass is one run of one job: what it did, and whether it is worth going on.
type pass struct {
	job     string
	started time.Time
	ended   time.Time     // once it is over
	tally   carrier.Tally // requests and throttled answers, counted by the client
	total   atomic.Int64  // items this run covers, as far as known
	ok      atomic.Int64
	failed  atomic.Int64
	left    atomic.Int64 // items that the interval had no time for; first in the next run
	rows    atomic.Int64
	silent  atomic.Int64 // failures in a row in which the carrier said nothing of the item

	rests schema.Opt[time.Time] // known: the carrier does not answer the job until then, by its clock

	mu    sync.Mutex
	first error // the first failure, for the summary
}

// rest notes that the carrier does not answer at this time, which is no failure.
func (p *pass) rest(until time.Time) { p.rests = schema.Some(until) }

// givingUp is how many failures in a row, all of them the carrier's and none the item's, end a run early. What is
// left comes first in the next run.
const givingUp = 24

// item does one item of the run, and survives whatever it does.
func (p *pass) item(ctx context.Context, do func(context.Context) error) error {
	var err error
	caught := panics.Try(func() { err = do(ctx) })
	if caught != nil {
		err = fmt.Errorf("a defect in kaisen: %w", caught.AsError())
	}
	if err == nil {
		p.ok.Add(1)
		p.silent.Store(0)
		return nil
	}
	p.fail(err)
	return err
}

// fail counts an item that was not done.
func (p *pass) fail(err error) {
	p.failed.Add(1)
	if carrierIsAway(err) {
		p.silent.Add(1)
	} else {
		p.silent.Store(0)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first == nil {
		p.first = err
	}
}

// err is the first failure of the run, with how many there were.
func (p *pass) err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first == nil {
		return nil
	}
	if n := p.failed.Load(); n > 1 {
		return fmt.Errorf("%d items left undone, the first: %w", n, p.first)
	}
	return p.first
}

// hopeless reports whether the carrier is away altogether, so that asking on would only make noise.
func (p *pass) hopeless() bool { return p.silent.Load() >= givingUp }

// sweep is the row that remembers the run, once it is over.
func (p *pass) sweep(source string) schema.Sweep {
	return schema.Sweep{
		Source: source, Job: p.job, StartedAt: p.started, FinishedAt: p.ended, ObservedAt: p.ended,
		Requests: p.tally.Requests.Load(), Throttled: p.tally.Throttled.Load(),
		OK: uint64(p.ok.Load()), Failed: uint64(p.failed.Load()), Rows: uint64(p.rows.Load()),
		RestsUntil: p.rests,
	}
}

// carrierIsAway tells failures of the carrier as a whole from those of one item.
func carrierIsAway(err error) bool {
	var failure *carrier.Error
	if !errors.As(err, &failure) {
		return errors.Is(err, context.DeadlineExceeded)
	}
	switch failure.Kind {
	case carrier.KindNetwork, carrier.KindMaintenance, carrier.KindUnauthorised, carrier.KindThrottled, carrier.KindServer:
		return true
	}
	return false
}
