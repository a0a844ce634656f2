package carrier

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Reasons of kaisen_api_throttled_total.
const (
	reason429 = "429"
	reason503 = "503"
)

// judge reads an answer for what it says about the budget. A 503 is read for the word maintenance, and its body put
// back.
func (b *budget) judge(p *permit, t trip, resp *http.Response) {
	now := time.Now()
	asked := retryAfter(resp.Header, now)
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		b.resumed(p)
		b.throttle(t, reason429, asked)
	case http.StatusServiceUnavailable:
		if saysMaintenance(peek(resp)) {
			b.maintain(p, t, asked)
			return
		}
		b.resumed(p)
		b.throttle(t, reason503, asked)
	default:
		b.mu.Lock()
		b.pacer.acceptedAt(now, p.sequence)
		b.rate.Set(b.pacer.rate)
		b.mu.Unlock()
		b.resumed(p)
	}
}

// peek reads the beginning of a body without taking it away from whoever reads it next.
func peek(resp *http.Response) []byte {
	const enough = 64 << 10
	head, err := io.ReadAll(io.LimitReader(resp.Body, enough))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), resp.Body}
	return head
}

// failing repeats the error that ended a body.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// throttle notes that the carrier asked for less, and pauses the account for as long as it asked.
func (b *budget) throttle(t trip, reason string, asked time.Duration) {
	b.throttled(t, reason)
	now := time.Now()
	b.mu.Lock()
	before := b.pacer.rate
	pause := max(asked, b.pacer.rejectedAt(now, t.sequence))
	after := b.pacer.rate
	if pause > 0 {
		b.pause.extend(now, pause)
		b.announcePause()
	}
	b.rate.Set(after)
	b.mu.Unlock()
	b.wakeHolder()
	level := slog.LevelDebug
	if after != before {
		level = slog.LevelWarn
	}
	b.log.Log(context.Background(), level, "the carrier throttles",
		"reason", reason, "pause", pause, "requests_per_second", after)
}

// maintain begins or prolongs the carrier's maintenance.
func (b *budget) maintain(p *permit, t trip, asked time.Duration) {
	b.throttled(t, reason503)
	b.mu.Lock()
	news := b.pause.maintain(time.Now(), p.probe, asked)
	until := b.pause.until
	b.announcePause()
	b.mu.Unlock()
	if news {
		b.log.Warn("the carrier is under maintenance: requests wait, then one asks again", "until", until)
	}
}

// resumed ends the maintenance if it was the probe that got another answer than maintenance.
func (b *budget) resumed(p *permit) {
	if !p.probe {
		return
	}
	b.mu.Lock()
	b.pause.resume()
	b.mu.Unlock()
	b.wakeHolder()
	b.log.Info("the carrier is back from maintenance")
}

// unanswered notes that a request got no answer. That says nothing about the budget, unless it was the probe: a
// carrier that does not answer is not back. A probe whose caller gave up leaves its place to the next request.
func (b *budget) unanswered(p *permit, caller context.Context) {
	if !p.probe {
		return
	}
	b.mu.Lock()
	if caller.Err() != nil {
		b.pause.probing = false
	} else {
		b.pause.maintain(time.Now(), true, 0)
		b.announcePause()
	}
	b.mu.Unlock()
	b.wakeHolder()
}

// announcePause tells everybody who waits to look at the pause. Called with the lock held.
func (b *budget) announcePause() {
	close(b.paused)
	b.paused = make(chan struct{})
}
