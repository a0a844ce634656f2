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
	Down                     // under maintenance: nothing leaves but a probe now and then
)

// Verdict is how an answer counts.
type Verdict struct {
	Outcome Outcome
	Reason  string        // of a complaint, for logs and metrics: one of few
	Wait    time.Duration // how long the answer asks to wait, whatever its outcome; 0: it does not ask
}

// answered counts an answer, and reports whether it is a complaint that is of the item or its group alone.
func (t *Transport) answered(p *permit, verdict Verdict) (own bool) {
	now := time.Now()
	t.mu.Lock()
	switch {
	case verdict.Outcome == Accepted:
		if p.operation != nil {
			p.operation.accepted(now, p)
		}
		t.account.acceptedAt(now, p.account)
	case p.operation == nil:
		t.account.complainedAt(now, p.account, verdict)
	case p.operation.itsOwn(now, p, verdict):
		own = true
		p.own.forgo()
		p.account.forgo()
	case p.own.probe && p.operation.another(p):
		p.own.forgo()
		p.account.forgo()
	default:
		p.operation.complains(now, verdict)
		own := p.own
		own.gate = &p.operation.gate
		own.gate.complainedAt(now, own, verdict)
		if p.account.probe || verdict.Outcome == Throttled && t.several(now) {
			t.account.complainedAt(now, p.account, verdict)
		}
	}
	t.unlockAndLog()
	return own
}

// acceptedAt notes an answer without complaint to a request that passed the gate.
func (g *gate) acceptedAt(now time.Time, through turn) {
	news := through.sequence > g.pacer.corrected
	g.pacer.acceptedAt(now, through.sequence)
	if through.probe {
		g.pause.resume()
		g.wake()
	}
	if !g.pause.since.IsZero() && (through.probe || news && !g.pause.probed) {
		g.log(slog.LevelInfo, "the pause is over: the carrier takes requests again",
			"reason", g.pause.reason, "lasted", now.Sub(g.pause.since).Round(time.Millisecond))
		g.pause.since = time.Time{}
	}
	if g.slowed && g.pacer.rate >= 0.9*g.pacer.base {
		g.slowed = false
		g.log(slog.LevelInfo, "the rate has recovered", "requests_per_second", g.pacer.rate)
	}
}

// complainedAt notes a complaint about a request that passed the gate: it lowers the rate, and pauses for as long as it
// was asked to, or begins or prolongs maintenance.
func (g *gate) complainedAt(now time.Time, through turn, verdict Verdict) {
	if verdict.Outcome == Down {
		g.pause.maintain(now, through.probe, verdict.Wait)
		g.pausedFor(now, verdict.Reason)
		return
	}
	if through.probe {
		g.pause.resume()
	}
	pause := max(verdict.Wait, g.pacer.rejectedAt(now, through.sequence))
	level, rate := slog.LevelDebug, g.pacer.rate
	if !g.slowed && rate < 0.9*g.pacer.base {
		g.slowed, level = true, slog.LevelWarn
	}
	g.log(level, "the carrier throttles", "reason", verdict.Reason, "requests_per_second", rate)
	if pause > 0 {
		g.pause.extend(now, pause)
		g.pausedFor(now, verdict.Reason)
	}
	g.wake()
}

// pausedFor says that the gate is shut, once until something passes again.
func (g *gate) pausedFor(now time.Time, reason string) {
	g.pause.reason = reason
	g.announcePause()
	level := slog.LevelDebug
	if g.pause.since.IsZero() {
		g.pause.since, level = now, slog.LevelInfo
	}
	what := "a pause: requests wait"
	if g.pause.maintenance {
		what = "the carrier is under maintenance: requests wait, then one asks again"
	}
	g.log(level, what, "reason", reason, "until", g.pause.until)
}

// forgo leaves a probe's place to the next request: this one's answer says nothing to others.
func (through *turn) forgo() {
	if through.gate != nil && through.probe {
		through.gate.pause.probing = false
		through.gate.wake()
	}
}

// unanswered notes that a request got no answer. That says nothing about the budget, unless it was the probe: a
// server that does not answer is not back. A probe whose caller gave up leaves its place to the next request.
func (t *Transport) unanswered(p *permit, caller context.Context) {
	if !p.own.probe && !p.account.probe {
		return
	}
	t.mu.Lock()
	for _, through := range []*turn{&p.own, &p.account} {
		switch g := through.gate; {
		case g == nil || !through.probe:
		case caller.Err() != nil || !g.pause.maintenance:
			through.forgo()
		default:
			g.pause.maintain(time.Now(), true, 0)
			g.pausedFor(time.Now(), g.pause.reason)
			g.wake()
		}
	}
	t.unlockAndLog()
}

// verdictOn is how an answer counts, by whoever sent the request or by the Transport's own inspection.
func (t *Transport) verdictOn(call *Call, resp *http.Response) Verdict {
	if call != nil && call.Inspect != nil {
		return call.Inspect(resp)
	}
	return t.inspect(resp)
}
