package carrier

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kaisen/collector/carrier/ratelimit"
)

// verdictOf reads an answer for what it says about the budget. A 503 is read for the word maintenance, and its body put
// back.
func verdictOf(resp *http.Response) ratelimit.Verdict {
	verdict := ratelimit.Verdict{Wait: retryAfter(resp.Header, time.Now())}
	switch {
	case resp.StatusCode == http.StatusServiceUnavailable && saysMaintenance(peek(resp)):
		verdict.Outcome = ratelimit.Down
	case resp.StatusCode == http.StatusServiceUnavailable || resp.StatusCode == http.StatusTooManyRequests:
		verdict.Outcome, verdict.Reason = ratelimit.Throttled, strconv.Itoa(resp.StatusCode)
	}
	return verdict
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

// longestPause bounds Retry-After against a slip of the carrier: a day.
const longestPause = 24 * time.Hour

// retryAfter is how long the answer asks to wait, 0 where it does not ask. An HTTP date is read against the answer's
// own Date header, so that a difference between the carrier's clock and ours does not matter.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	var wait time.Duration
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), longestPause.Seconds()) * float64(time.Second))
	} else if until, err := http.ParseTime(text); err == nil {
		if date, ok := dateOf(h); ok {
			now = date
		}
		wait = until.Sub(now)
	}
	return min(max(wait, 0), longestPause)
}
