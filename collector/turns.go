package collector

import (
	"hash/fnv"
	"sync"
	"time"
)

// mostPolls is how many kinds of questions an item may be asked.
const mostPolls = 3

// turns is when an item was asked about, by kind of question, and where in an interval its questions lie.
type turns struct {
	phase uint64 // spreads the items evenly over an interval

	asked   sync.Mutex
	done    [mostPolls]time.Time // when the last question that went well was put, by the local clock
	resting [mostPolls]time.Time // the carrier's "no" is remembered until then
}

// phaseOf is the same for the same names, in every process.
func phaseOf(names ...string) uint64 {
	hash := fnv.New64a()
	for _, name := range names {
		hash.Write([]byte(name))
	}
	return hash.Sum64()
}

// due is when the item's next question should be put. An item that was never asked about is due at once; the others
// keep to their own phase of the interval, so that the questions stay spread however they began.
func (t *turns) due(poll int, interval time.Duration, now time.Time) time.Time {
	t.asked.Lock()
	defer t.asked.Unlock()
	last := t.done[poll]
	next := now
	if !last.IsZero() && interval > 0 {
		phase := time.Duration(t.phase % uint64(interval))
		earliest := last.Add(interval / 2)
		next = earliest.Truncate(interval).Add(phase)
		for next.Before(earliest) {
			next = next.Add(interval)
		}
	}
	return next
}

// lag is how far the item is past its interval. What was missed while nobody ran is not this run's lag, and the
// carrier's "no" is none.
func (t *turns) lag(poll int, interval time.Duration, since, now time.Time) time.Duration {
	t.asked.Lock()
	defer t.asked.Unlock()
	if t.resting[poll].After(now) {
		return 0
	}
	last := t.done[poll]
	if last.Before(since) {
		last = since
	}
	return max(0, now.Sub(last)-interval)
}

func (t *turns) finish(poll int, at time.Time) {
	t.asked.Lock()
	defer t.asked.Unlock()
	t.done[poll] = at
}

func (t *turns) rest(poll int, until time.Time) {
	t.asked.Lock()
	defer t.asked.Unlock()
	t.resting[poll] = until
}

// lastDone is when the item was last asked about, zero if never.
func (t *turns) lastDone(poll int) time.Time {
	t.asked.Lock()
	defer t.asked.Unlock()
	return t.done[poll]
}

// rests reports whether the carrier's last "no" still stands.
func (t *turns) rests(poll int, now time.Time) bool {
	t.asked.Lock()
	defer t.asked.Unlock()
	return t.resting[poll].After(now)
}
