package ratelimit

import "time"

// pause is a time in which nothing leaves a gate: asked for by Retry-After, or the carrier's maintenance. Unlike a short
// one of the former, maintenance does not end by itself: after its time one request goes ahead as a probe, and what it
// brings back decides for all. Like pacer it has neither clock nor lock.
type pause struct {
	until       time.Time
	maintenance bool
	probed      bool // a probe ends it: maintenance, or what lasts longer than is believed
	probing     bool // the probe is on its way
	second      bool // a second probe was let go after the first
	failures    int  // answers of maintenance, the first and those of probes

	since  time.Time // when the first of several in a row began; zero: none did
	reason string    // of the last
}

const (
	firstMaintenance   = 15 * time.Second
	longestMaintenance = 2 * time.Minute
	// longestAsked is how long a pause is believed that an answer asks for. Then one request asks whether it still holds.
	longestAsked = 5 * time.Minute
)

// extend makes the pause last at least d from now.
func (p *pause) extend(now time.Time, d time.Duration) {
	if d > longestAsked {
		d, p.probed = longestAsked, true
	}
	if until := now.Add(d); until.After(p.until) {
		p.until = until
	}
}

// maintain notes an answer of maintenance to a request, and when the carrier asked to come back (0: it did not say).
// The answers to requests that were on their way already say nothing new.
func (p *pause) maintain(now time.Time, probe bool, asked time.Duration) {
	if p.maintenance && !probe {
		p.extend(now, asked)
		return
	}
	if !p.maintenance {
		p.maintenance, p.probed, p.failures = true, true, 0
	}
	wait := min(firstMaintenance<<min(p.failures, 10), longestMaintenance)
	p.failures++
	p.probing, p.second = false, false
	p.extend(now, max(wait, asked))
}

// probe reports whether the request that leaves now is the one that asks whether the pause is over.
func (p *pause) probe() bool {
	p.probing = p.probed
	return p.probing
}

// resume ends the maintenance, because a probe was answered.
func (p *pause) resume() {
	p.maintenance, p.probed, p.probing, p.second, p.failures = false, false, false, false, 0
}

// holds reports whether a request must wait now, and until when; a zero time is until something changes.
func (p *pause) holds(now time.Time) (until time.Time, held bool) {
	if now.Before(p.until) {
		return p.until, true
	}
	return time.Time{}, p.probed && p.probing
}

// on reports whether the pause is known to last.
func (p *pause) on(now time.Time) bool { return p.probed || now.Before(p.until) }

// maxWait is how long one request may be held up by pauses.
type maxWait struct {
	limit  time.Duration // 0: for ever
	permit *permit       // of a request that waits for the account and may be overtaken by its operation's trouble
	met    time.Time     // when it first met a pause
}

// check fails as soon as it is known that the pause lasts longer than that: waiting first would only keep the caller
// from doing something else.
func (w *maxWait) check(g *gate, now time.Time) error {
	p := &g.pause
	if w.limit <= 0 || !now.Before(p.until) {
		return nil
	}
	if w.met.IsZero() {
		w.met = now
	}
	if !p.until.After(w.met.Add(w.limit)) {
		return nil
	}
	return &PausedError{
		Until: p.until, Wait: p.until.Sub(now), Down: p.maintenance, Operation: g.operation, Reason: p.reason,
	}
}

// PausedError is the error of a request that was not sent because of a pause.
type PausedError struct {
	Until     time.Time     // when the next request may leave
	Wait      time.Duration // until then
	Down      bool          // the pause is the server's maintenance
	Operation string        // what is paused; "": the account
	Reason    string        // of the complaint, "" if it gave none
	Item      bool          // what the request asks about is paused, alone
	Group     bool          // all that it is one of is paused, and others are not
	Daily     bool          // the account's own budget of the day is used up; nothing is the server's
}

// Error says until when nothing is sent, and why.
func (e *PausedError) Error() string {
	what := "the carrier asked for a pause"
	if e.Down {
		what = "the carrier is under maintenance"
	}
	switch {
	case e.Daily:
		what = "the budget of the day is used up"
	case e.Group:
		what = "the carrier refuses all of this contract again and again, and takes others"
	case e.Item:
		what = "the carrier refuses this one again and again, and takes others"
	case e.Operation != "":
		what += " of operation " + e.Operation
	}
	if e.Reason != "" {
		what += " (" + e.Reason + ")"
	}
	return "not sent: " + what + ", next request at " + e.Until.Format(time.DateTime)
}
