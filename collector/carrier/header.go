package carrier

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// dateOf is the answer's Date header. A header that is missing or cannot be read is false.
func dateOf(h http.Header) (time.Time, bool) {
	text := h.Get("Date")
	if text == "" {
		return time.Time{}, false
	}
	date, err := http.ParseTime(text)
	return date, err == nil
}

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
