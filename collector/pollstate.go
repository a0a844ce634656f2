package collector

import (
	"hash/fnv"
	"sync"
	"time"
)

// maxQuestions is how many kinds of questions an item may be asked.
const maxQuestions = 3

// PollState is when an item was asked about, by question, and where in an interval its questions lie.
type PollState struct {
	phase uint64 // spreads the items evenly over an interval

	mu        sync.Mutex
	polled    [maxQuestions]time.Time // when the last question that went well was put, by the local clock
	notBefore [maxQuestions]time.Time // the carrier has refused the question, which is not repeated until then
}

// NewPollState is the state of an item that was never asked about. Its place in the interval is the same for the same
// names, in every process.
func NewPollState(names ...string) *PollState {
	hash := fnv.New64a()
	for _, name := range names {
		hash.Write([]byte(name))
	}
	return &PollState{phase: hash.Sum64()}
}

// due is when the item's next question should be put. An item that was never asked about is due at once; the others
// keep to their own phase of the interval, so that the questions stay spread however they began.
func (p *PollState) due(question int, interval time.Duration, now time.Time) time.Time {
	last := p.LastPolled(question)
	if last.IsZero() || interval <= 0 {
		return now
	}
	phase := time.Duration(p.phase % uint64(interval))
	earliest := last.Add(interval / 2)
	next := earliest.Truncate(interval).Add(phase)
	for next.Before(earliest) {
		next = next.Add(interval)
	}
	return next
}

// Behind is how far the item is past its interval. What was missed before since, while nobody ran, does not count, nor
// does a question that is suspended.
func (p *PollState) Behind(question int, interval time.Duration, since, now time.Time) time.Duration {
	if p.suspended(question, now) {
		return 0
	}
	last := p.LastPolled(question)
	if last.Before(since) {
		last = since
	}
	return max(0, now.Sub(last)-interval)
}

// Polled notes when a question was put that went well.
func (p *PollState) Polled(question int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.polled[question] = at
}

// Suspend keeps a question that the carrier has refused from being put again for a while.
func (p *PollState) Suspend(question int, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notBefore[question] = until
}

// LastPolled is when the item was last asked about, zero if never.
func (p *PollState) LastPolled(question int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.polled[question]
}

// suspended reports whether the carrier's refusal still stands.
func (p *PollState) suspended(question int, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notBefore[question].After(now)
}
