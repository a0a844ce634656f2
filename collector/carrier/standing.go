package carrier

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// standing is how the carrier has answered an account of late: whether there is any use in asking.
type standing struct {
	mu       sync.Mutex
	asked    time.Time // when the first question was asked that has no answer yet; zero: there is none
	answered time.Time // when a question was last answered well; zero: not since the start
	failing  time.Time // when the failures since then began; zero: there are none
	failed   time.Time // the last of them
	failure  *Error
}

// begin notes that something is asked.
func (s *standing) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked.IsZero() {
		s.asked = time.Now()
	}
}

// end notes how a question, or a try of it, ended. One that was not asked, because the requests of the day are used up, or that its asker gave
// up, says nothing of the carrier.
func (s *standing) end(failure *Error, givenUp bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = time.Time{}
	now := time.Now()
	switch {
	case failure == nil:
		s.answered, s.failing, s.failed, s.failure = now, time.Time{}, time.Time{}, nil
	case givenUp, failure.Kind == KindUsedUp:
	default:
		if s.failing.IsZero() {
			s.failing = now
		}
		s.failed, s.failure = now, failure
	}
}

// Standing is nil while the carrier answers the account, and otherwise says, in one line, what it does instead and since when.
// It is an error at once while the carrier refuses the account a token, and where no question has been answered well since
// the start. Afterwards one failure, or some, is what a carrier does every day: then all questions of as long as patience
// must have failed. Of an account that has asked nothing yet, or that rested after a failure, it is nil.
func (c *Client) Standing(patience time.Duration) error {
	s := &c.standing
	s.mu.Lock()
	defer s.mu.Unlock()
	var what string
	switch {
	case s.failure == nil:
		if s.answered.IsZero() && !s.asked.IsZero() {
			return fmt.Errorf("source %s: the first answer of the carrier is awaited since %s", c.cfg.Source, c.clockText(s.asked))
		}
		return nil
	case s.failure.Operation == tokenOperation && s.failure.Kind == KindUnauthorised:
		what = "the carrier has given no token since " + c.clockText(s.failing)
	case s.answered.IsZero():
		what = "the carrier has answered nothing well since the start at " + c.clockText(s.failing)
	case s.failed.Sub(s.answered) >= patience:
		what = "the carrier has answered nothing well since " + c.clockText(s.answered)
	default:
		return nil
	}
	return fmt.Errorf("source %s: %s: %s", c.cfg.Source, what, strings.Join(strings.Fields(s.failure.Error()), " "))
}
