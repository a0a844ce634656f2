package ratelimit

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Outcome is what an answer says about the budget.
type Outcome uint8

// The outcomes.
const (
	Accepted  Outcome = iota // no complaint
	Throttled                // too many requests: the rate is lowered
	Down                     // the server is down for everybody: nothing leaves but a probe now and then
)

// Verdict is how an answer counts.
type Verdict struct {
	Outcome Outcome
	Reason  string        // of a complaint, for the log
	Wait    time.Duration // how long the answer asks to wait, whatever its outcome; 0: it does not ask
}

// answered counts an answer.
func (t *Transport) answered(p *permit, resp *http.Response) {
	switch verdict := t.inspect(resp); verdict.Outcome {
	case Down:
		t.maintain(p, verdict.Wait)
	case Throttled:
		t.resumed(p)
		t.throttle(p.sequence, verdict)
	default:
		t.mu.Lock()
		t.pacer.acceptedAt(time.Now(), p.sequence)
		t.metrics.Rate.Set(t.pacer.rate)
		t.mu.Unlock()
		t.resumed(p)
	}
}

// throttle lowers the rate, and pauses the account for as long as it was asked to.
func (t *Transport) throttle(sequence uint64, verdict Verdict) {
	now := time.Now()
	t.mu.Lock()
	before := t.pacer.rate
	pause := max(verdict.Wait, t.pacer.rejectedAt(now, sequence))
	after := t.pacer.rate
	if pause > 0 {
		t.pause.extend(now, pause)
		t.announcePause()
	}
	t.metrics.Rate.Set(after)
	t.mu.Unlock()
	t.wakeHolder()
	level := slog.LevelDebug
	if after != before {
		level = slog.LevelWarn
	}
	t.log.Log(context.Background(), level, "the carrier throttles",
		"reason", verdict.Reason, "pause", pause, "requests_per_second", after)
}

// maintain begins or prolongs the server's maintenance.
func (t *Transport) maintain(p *permit, asked time.Duration) {
	t.mu.Lock()
	news := t.pause.maintain(time.Now(), p.probe, asked)
	until := t.pause.until
	t.announcePause()
	t.mu.Unlock()
	if news {
		t.log.Warn("the carrier is under maintenance: requests wait, then one asks again", "until", until)
	}
}

// resumed ends the maintenance if it was the probe that got another answer than maintenance.
func (t *Transport) resumed(p *permit) {
	if !p.probe {
		return
	}
	t.mu.Lock()
	t.pause.resume()
	t.mu.Unlock()
	t.wakeHolder()
	t.log.Info("the carrier is back from maintenance")
}

// unanswered notes that a request got no answer. That says nothing about the budget, unless it was the probe: a
// server that does not answer is not back. A probe whose caller gave up leaves its place to the next request.
func (t *Transport) unanswered(p *permit, caller context.Context) {
	if !p.probe {
		return
	}
	t.mu.Lock()
	if caller.Err() != nil {
		t.pause.probing = false
	} else {
		t.pause.maintain(time.Now(), true, 0)
		t.announcePause()
	}
	t.mu.Unlock()
	t.wakeHolder()
}

// announcePause makes everybody who waits look at the pause. Called with the lock held.
func (t *Transport) announcePause() {
	close(t.paused)
	t.paused = make(chan struct{})
}
