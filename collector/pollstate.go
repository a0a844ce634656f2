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
	phase uint64    // spreads the items evenly over an interval
	begun time.Time // when it was first known of, by this process

	mu        sync.Mutex
	polled    [maxQuestions]time.Time // when the last question that went well was put, by the local clock
	notBefore [maxQuestions]time.Time // the carrier has refused the question, which is not repeated until then
	tried     [maxQuestions]time.Time // when the last question that did not go well was put
	failing   [maxQuestions]int       // how many in a row did not, those aside that are forgiven
}

// maxBackoff bounds how many intervals apart a question is put that always fails.
const maxBackoff = 8

// NewPollState is the state of an item that was never asked about. Its place in the interval is the same for the same
// names, in every process.
func NewPollState(names ...string) *PollState {
	hash := fnv.New64a()
	for _, name := range names {
		hash.Write([]byte(name))
	}
	return &PollState{phase: hash.Sum64(), begun: time.Now()}
}

// due is when the item's next question should be put. An item that was never asked about is due at once; the others
// keep to their own phase of the interval, so that the questions stay spread however they began. One that fails is
// asked an interval later, then two, four and eight: failing is no way to be asked more often.
func (p *PollState) due(question int, interval time.Duration, now time.Time) time.Time {
	last, failing := p.attempts(question)
	if interval <= 0 || last.IsZero() {
		return now
	}
	wait := interval/2 - now.Sub(last)
	if wait > interval/2 { // another clock noted it, which was ahead of this one
		wait = 0
	}
	if failing > 1 {
		wait += interval * time.Duration(min(1<<(failing-1), maxBackoff)-1)
	}
	earliest := now.Add(wait)
	next := earliest.Truncate(interval).Add(time.Duration(p.phase % uint64(interval)))
	for next.Before(earliest) {
		next = next.Add(interval)
	}
	return now.Add(next.Sub(now)) // with its monotonic reading, which Truncate takes off
}

// Behind is how far the item is past its interval. What was missed before since, while nobody ran, or before the item was known of
// does not count, nor does a question that is suspended.
func (p *PollState) Behind(question int, interval time.Duration, since, now time.Time) time.Duration {
	if p.suspended(question, now) {
		return 0
	}
	last := p.LastPolled(question)
	for _, at := range []time.Time{since, p.begun} {
		if last.Before(at) {
			last = at
		}
	}
	return max(0, now.Sub(last)-interval)
}

// waiting is how long the item waits for a question that pacing would have put long ago; the time that a failing one is
// left alone is no waiting.
func (p *PollState) waiting(question int, interval time.Duration, now time.Time) time.Duration {
	last, failing := p.attempts(question)
	if last.IsZero() || p.suspended(question, now) {
		return 0
	}
	if failing > 1 {
		last = last.Add(interval * time.Duration(min(1<<(failing-1), maxBackoff)-1))
	}
	return now.Sub(last)
}

// attempts is when the question was last put, however that went, and how often in a row it failed. Failures that are
// forgiven count for nothing.
func (p *PollState) attempts(question int) (last time.Time, failing int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, failing = p.polled[question], p.failing[question]
	if tried := p.tried[question]; failing > 0 && tried.After(last) {
		last = tried
	}
	return last, failing
}

// Polled notes when a question was put that went well.
func (p *PollState) Polled(question int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.polled[question], p.failing[question] = at, 0
}

// Restored notes when an earlier process put a question that went well, unless it was put since.
func (p *PollState) Restored(question int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if at.After(p.polled[question]) {
		p.polled[question] = now.Add(at.Sub(now)) // from now on its age does not depend on the machine's clock, which may yet be set
	}
}

// Failed notes when a question was put that did not go well. The function that it returns takes that back, for a
// failure that was the carrier's as a whole.
func (p *PollState) Failed(question int, at time.Time) (forgive func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried[question] = at
	p.failing[question]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.tried[question].Equal(at) && p.failing[question] > 0 {
			p.failing[question]--
		}
	}
}

// Suspend keeps a question that the carrier has refused from being put again for a while.
func (p *PollState) Suspend(question int, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notBefore[question] = until
}

// LastPolled is when the item was last asked about and that went well, zero if never.
func (p *PollState) LastPolled(question int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.polled[question]
}

// LastAsked is when the item was last asked about, however that went, zero if never.
func (p *PollState) LastAsked(question int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tried[question].After(p.polled[question]) {
		return p.tried[question]
	}
	return p.polled[question]
}

// suspended reports whether the carrier's refusal still stands.
func (p *PollState) suspended(question int, now time.Time) bool {
	return p.suspendedUntil(question).After(now)
}

// suspendedUntil is until when the carrier's refusal stands.
func (p *PollState) suspendedUntil(question int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.notBefore[question]
}

// pollState is what an item embeds.
func (p *PollState) pollState() *PollState { return p }

// Backoff is of something that is asked once a sweep and fails: it is left alone for an interval, then for two, four and
// eight. The zero Backoff is ready. It needs a lock where it is shared.
type Backoff struct {
	failures int
	until    time.Time
}

// Ready reports whether it may be asked again.
func (b *Backoff) Ready(now time.Time) bool { return !b.until.After(now) }

// Until is when it may be asked again.
func (b *Backoff) Until() time.Time { return b.until }

// Ended notes how the asking ended.
func (b *Backoff) Ended(err error, interval time.Duration, now time.Time) {
	if err == nil {
		*b = Backoff{}
		return
	}
	b.until = now.Add(interval * time.Duration(min(1<<min(b.failures, 8), maxBackoff)))
	b.failures++
}
