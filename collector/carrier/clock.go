package carrier

import (
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"kaisen/internal/wait"
)

// clock is an account's: how far the carrier's clock is ahead of ours, by what its answers say in their Date headers.
// Ours is a steady one here: that the machine's is set says nothing of the carrier's. While the machine is asleep the two
// others go on.
//
// One answer alone does not set it. What is within clockTolerance of the others (of our own clock, as long as there are
// none) is believed. What is not stands in doubt until others say the same: one more is enough at the beginning, or
// where our own clock has been wrong all the time; where it has been right, it is a witness, and whoever contradicts it
// and the account has to do so for a while, without a break. A carrier whose clock is set, or ours, is followed that way;
// a gateway of which one node is days ahead is not.
//
// The median of the last answers is the road not taken: a clock that was set needs half of them to be believed, and
// until then each is dated wrongly.
type clock struct {
	skew atomic.Int64 // nanoseconds that the carrier's clock is ahead of ours; 0 until it is known
	ours wait.Steady

	mu      sync.Mutex
	shift   time.Duration // how far the machine's clock was ahead of ours when skew was set
	known   bool
	heard   bool          // an answer has had a date
	doubted time.Duration // the skew that the answers in doubt agree on,
	agreed  int           // how many there were of them in a row,
	since   time.Time     // and since when
	left    time.Duration // the skew that was left for another
	leftAt  time.Time
	strict  time.Time // until then nobody is believed easily: the clock went there and back
	told    [tellsAnHour]time.Time
	askedAt time.Time // when a question that was put again did not clear a doubt

	last   atomic.Pointer[header] // read
	asking chan struct{}          // capacity 1: its holder may put a question again
	log    *slog.Logger
}

const (
	// clockTolerance is how far a Date may be from the account's clock: it is made when an answer begins, which is up to
	// a timeout before it has ended.
	clockTolerance = 5 * time.Minute
	// clockReach is how far from ours no clock of a carrier is believed, whoever agrees: a machine without a clock of its
	// own begins in 1970.
	clockReach = 60 * 365 * 24 * time.Hour

	agreeFew, agreeMany = 2, 10           // answers that have to agree
	agreeFor            = 5 * time.Minute // and for how long, where there have to be many
	askAgainAfter       = 10 * time.Second
	tellsAnHour         = 20 // answers out of bounds that are told one by one
)

// header is a Date header, and what it says.
type header struct {
	text string
	date time.Time
}

// read is an answer's Date header, as dateOf. All answers of a second have the same, which is read once.
func (c *clock) read(h http.Header) (time.Time, bool) {
	text := h.Get("Date")
	if last := c.last.Load(); last != nil && last.text == text {
		return last.date, true
	}
	date, ok := dateOf(h)
	if ok {
		c.last.Store(&header{text, date})
	}
	return date, ok
}

func newClock(log *slog.Logger) *clock {
	return &clock{ours: wait.NewSteady(), asking: make(chan struct{}, 1), log: log}
}

// skewOf is how far a Date is ahead of when it was received, at most a century.
func (c *clock) skewOf(date, received time.Time) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return min(max(date.Sub(c.ours.At(received)), -century), century)
}

func near(a, b, within time.Duration) bool { return (a - b).Abs() <= within }

// believe takes in what an answer says of the time, and reports whether that is in bounds, and whether it is the first
// of all. In bounds or not, the answer counts as one that others may agree with.
func (c *clock) believe(date, received time.Time) (inBounds, first bool) {
	skew := c.skewOf(date, received)
	c.mu.Lock()
	defer c.mu.Unlock()
	first, c.heard = !c.heard, true
	if c.inBounds(skew, received) {
		c.set(skew, received)
		return true, first
	}
	if near(skew, 0, clockReach) && c.agree(skew, received) {
		c.move(skew, received)
		return true, first
	}
	return false, first
}

// move is for a skew that enough answers agree on; the caller holds mu.
func (c *clock) move(skew time.Duration, at time.Time) {
	before := time.Duration(c.skew.Load())
	c.log.Info("the carrier's clock is not what it was taken for: its answers agree, and kaisen goes by them",
		"ahead_of_ours", skew.Round(time.Second), "before", before.Round(time.Second))
	if c.known {
		if near(skew, c.left, clockTolerance) && at.Sub(c.leftAt) < 2*agreeFor {
			c.strict = at.Add(time.Hour)
		}
		c.left, c.leftAt = before, at
	}
	c.set(skew, at)
}

// inBounds reports whether a skew is that of the account, or of our own clock where none is known; or whether it would be,
// had our clock gone on like the machine's, as after a sleep. The caller holds mu.
func (c *clock) inBounds(skew time.Duration, at time.Time) bool {
	known := time.Duration(c.skew.Load())
	asleep := max(0, c.ours.Shift(at)-c.shift)
	return near(skew, known, clockTolerance) || near(skew, known+asleep, clockTolerance)
}

// set is for a skew that is believed; the caller holds mu.
func (c *clock) set(skew time.Duration, at time.Time) {
	c.skew.Store(int64(skew))
	c.known, c.agreed, c.shift = true, 0, c.ours.Shift(at)
}

// agree counts an answer in doubt, and reports whether enough agree with it; the caller holds mu.
func (c *clock) agree(skew time.Duration, at time.Time) bool {
	if c.agreed == 0 || !near(skew, c.doubted, clockTolerance) {
		c.agreed, c.since = 0, at
	}
	c.doubted = skew
	c.agreed++
	if c.slow(skew, at) {
		return c.agreed >= agreeMany && at.Sub(c.since) >= agreeFor
	}
	return c.agreed >= agreeFew
}

// slow reports whether it takes many to believe a skew: it contradicts our own clock, which has agreed with the account
// so far, or the account's clock has just been somewhere and come back. The caller holds mu.
func (c *clock) slow(skew time.Duration, at time.Time) bool {
	own := c.known && near(time.Duration(c.skew.Load()), 0, clockTolerance) && !near(skew, 0, clockTolerance)
	return own || at.Before(c.strict)
}

// check is believe once more, of an answer that has counted already: others may have come meanwhile.
func (c *clock) check(date, received time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inBounds(c.skewOf(date, received), received)
}

// asksAgain reports whether a question put once more may clear a doubt: not where it takes many answers, nor soon after
// one that did not.
func (c *clock) asksAgain(date, received time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	skew := c.skewOf(date, received)
	return near(skew, 0, clockReach) && !c.slow(skew, received) && received.Sub(c.askedAt) >= askAgainAfter
}

// inVain notes that a question put once more did not clear a doubt.
func (c *clock) inVain(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.askedAt = at
}

// tells reports whether an answer out of bounds is worth a line of log and a dead letter: twenty an hour are.
func (c *clock) tells(at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, told := range c.told {
		if told.IsZero() || at.Sub(told) >= time.Hour {
			c.told[i] = at
			return true
		}
	}
	return false
}

// at is the carrier's time at a time of time.Now.
func (c *clock) at(now time.Time) time.Time { return c.ours.At(now).Add(time.Duration(c.skew.Load())) }

// settled reports whether an answer that is believed has set the clock.
func (c *clock) settled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known
}
