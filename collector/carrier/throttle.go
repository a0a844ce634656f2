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

// verdictOf reads an answer for what it says about the budget. A 5xx is read for maintenance and for a gateway's limit, and
// its body put back.
func verdictOf(resp *http.Response) ratelimit.Verdict {
	verdict := ratelimit.Verdict{Wait: retryAfter(resp.Header, time.Now())}
	status := resp.StatusCode
	if status != http.StatusTooManyRequests && status < 500 {
		return verdict
	}
	var head []byte
	if status >= 500 {
		head = peek(resp)
	}
	switch {
	case status >= 500 && saysMaintenance(head):
		verdict.Outcome = ratelimit.Down
	case status < 500, status == http.StatusServiceUnavailable, saysLimit(head):
		verdict.Outcome = ratelimit.Throttled
	default:
		return verdict
	}
	verdict.Reason = strconv.Itoa(status)
	return verdict
}

// inspect is verdictOf for a request whose answer may complain although its status is 2xx.
func (s *RequestSpec) inspect(resp *http.Response) ratelimit.Verdict {
	verdict := verdictOf(resp)
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		if reason := s.Complaint(peek(resp)); reason != "" {
			verdict.Outcome, verdict.Reason = ratelimit.Throttled, reason
		}
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
