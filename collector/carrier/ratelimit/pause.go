package ratelimit

import "time"

// pause is a time in which an account sends nothing: asked for by Retry-After, or the carrier's maintenance. Unlike
// the former, maintenance does not end by itself: after its time one request goes ahead as a probe, and what it
// brings back decides for all. Like pacer it has neither clock nor lock.
type pause struct {
	until       time.Time
	maintenance bool
	probing     bool // the probe is on its way
	failures    int  // answers of maintenance, the first and those of probes
}

const (
	firstMaintenance   = 15 * time.Second
	longestMaintenance = 5 * time.Minute
)

// extend makes the pause last at least d from now.
func (p *pause) extend(now time.Time, d time.Duration) {
	if until := now.Add(d); until.After(p.until) {
		p.until = until
	}
}

// maintain notes an answer of maintenance to a request, and when the carrier asked to come back (0: it did not say).
// It reports whether this is news: the answers to requests that were on their way already are not.
func (p *pause) maintain(now time.Time, probe bool, asked time.Duration) bool {
	if p.maintenance && !probe {
		p.extend(now, asked)
		return false
	}
	if !p.maintenance {
		p.maintenance, p.failures = true, 0
	}
	wait := min(firstMaintenance<<min(p.failures, 10), longestMaintenance)
	p.failures++
	p.probing = false
	p.extend(now, max(wait, asked))
	return true
}

// probe reports whether the request that leaves now is the one that asks whether maintenance is over.
func (p *pause) probe() bool {
	p.probing = p.maintenance
	return p.probing
}

// resume ends the maintenance, because a probe was answered.
func (p *pause) resume() {
	p.maintenance, p.probing, p.failures = false, false, 0
}

// holds reports whether a request must wait now, and until when; a zero time is until something changes.
func (p *pause) holds(now time.Time) (until time.Time, held bool) {
	if now.Before(p.until) {
		return p.until, true
	}
	return time.Time{}, p.maintenance && p.probing
}

// maxWait is how long one request may be held up by pauses.
type maxWait struct {
	limit time.Duration // 0: for ever
	met   time.Time     // when it first met a pause
}

// check fails as soon as it is known that the pause lasts longer than that: waiting first would only keep the caller
// from doing something else.
func (w *maxWait) check(p *pause, now time.Time) error {
	if w.limit <= 0 || !now.Before(p.until) {
		return nil
	}
	if w.met.IsZero() {
		w.met = now
	}
	if !p.until.After(w.met.Add(w.limit)) {
		return nil
	}
	return &PausedError{Until: p.until, Wait: p.until.Sub(now), Down: p.maintenance}
}

// PausedError is the error of a request that was not sent because of a pause.
type PausedError struct {
	Until time.Time     // when the next request may leave
	Wait  time.Duration // until then
	Down  bool          // the pause is the server's maintenance
}

// Error says until when nothing is sent, and why.
func (e *PausedError) Error() string {
	what := "the carrier asked for a pause"
	if e.Down {
		what = "the carrier is under maintenance"
	}
	return "not sent: " + what + ", next request at " + e.Until.Format(time.DateTime)
}
