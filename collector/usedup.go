package collector

import (
	"context"
	"errors"
	"time"

	"kaisen/collector/carrier"
)

// isUsedUp reports whether a request was not sent because the account's requests of the day are used up. That is nobody's
// failure: what was to be asked is left for the next day, and the job suspended until then.
func isUsedUp(err error) bool {
	kind, _ := carrier.KindOf(err)
	return kind == carrier.KindUsedUp
}

// leaveUsedUp counts an item that is left for that reason, and ends the sweep. It reports whether that is the reason.
func (s *Sweep) leaveUsedUp(err error) bool {
	if !isUsedUp(err) {
		return false
	}
	var failure *carrier.Error
	errors.As(err, &failure)
	s.left.Add(1)
	s.untilTomorrow.Store(int64(max(failure.RetryAfter, time.Second)))
	return true
}

// usedUp reports whether the requests of the day were used up in the sweep, and for how long from then.
func (s *Sweep) usedUp() (rest time.Duration, used bool) {
	rest = time.Duration(s.untilTomorrow.Load())
	return rest, rest > 0
}

// suspendUntilTomorrow says how a sweep went in which the requests of the day were used up.
func (e *Engine) suspendUntilTomorrow(ctx context.Context, s *Sweep, rest time.Duration) {
	e.report(ctx, s)
	s.Suspend(e.now().Add(rest))
	if e.states.setSuspended(s.job, true, s.ended) {
		e.Log.Warn("the requests of the day are used up: the job rests", "job", s.job, "left", s.left.Load(), "until", s.suspended.V)
	}
}
