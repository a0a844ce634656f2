package carrier

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kaisen/collector/carrier/ratelimit"
)

// verdictOf reads an answer for what it says about the budget: a 5xx for maintenance and for a gateway's limit, and what
// should be an answer, or leads away from one, for a page about maintenance and for an error in all but its status. Its body
// is put back.
func verdictOf(resp *http.Response) ratelimit.Verdict { return judge(resp, nil) }

// inspect is verdictOf for a request whose answer may complain although its status is 2xx.
func (s *RequestSpec) inspect(resp *http.Response) ratelimit.Verdict { return judge(resp, s.Complaint) }

func judge(resp *http.Response, complaint func(body []byte) string) ratelimit.Verdict {
	verdict := ratelimit.Verdict{Wait: retryAfter(resp.Header, time.Now())}
	status := resp.StatusCode
	var head []byte
	if status < 400 || status >= 500 {
		head = beginning(resp)
	}
	if sorryPage(status, resp.Header, head) != nil {
		verdict.Outcome, verdict.Reason = ratelimit.Down, "maintenance page"
		return verdict
	}
	if status >= 200 && status <= 299 {
		if complaint != nil {
			if verdict.Reason = complaint(head); verdict.Reason != "" {
				verdict.Outcome = ratelimit.Throttled
				return verdict
			}
		}
		status = statusInside(head)
	}
	switch {
	case status >= 500 && saysMaintenance(head):
		verdict.Outcome = ratelimit.Down
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, status >= 500 && saysLimit(head):
		verdict.Outcome = ratelimit.Throttled
	default:
		return verdict
	}
	verdict.Reason = strconv.Itoa(status)
	return verdict
}

// maxMessage is the length up to which JSON may be nothing but an error.
const maxMessage = 4096

// beginning is as much of an answer as it takes to see what it is, in UTF-8: of JSON enough to know that it is more than a
// message, of a page all that matters.
func beginning(resp *http.Response) []byte {
	const enough = 64 << 10
	if resp.ContentLength == 0 || resp.Body == nil {
		return nil
	}
	head := peek(resp, maxMessage+1)
	text, _ := inUTF8(whole(head), resp.Header.Get("Content-Type"))
	if len(head) > maxMessage && !isJSON(text) {
		text, _ = inUTF8(whole(peek(resp, enough)), resp.Header.Get("Content-Type"))
	}
	return text
}

// isJSON reports whether a text begins as an object or a list.
func isJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// whole is the beginning of a text without the character that it was cut off in.
func whole(head []byte) []byte {
	for n := range min(utf8.UTFMax, len(head)) {
		if utf8.Valid(head[:len(head)-n]) {
			return head[:len(head)-n]
		}
	}
	return head
}

// peek reads the beginning of a body without taking it away from whoever reads it next.
func peek(resp *http.Response, most int) []byte {
	if n := resp.ContentLength; n >= 0 {
		most = int(min(n, int64(most)))
	}
	head := make([]byte, 0, most)
	var err error
	for err == nil && len(head) < most {
		var n int
		n, err = resp.Body.Read(head[len(head):most])
		head = head[:len(head)+n]
	}
	resp.Body = &peeked{ReadCloser: resp.Body, head: head, err: err, whole: err == io.EOF || int64(len(head)) == resp.ContentLength}
	return head
}

// peeked is a body of which the beginning was read already.
type peeked struct {
	io.ReadCloser
	head  []byte // what was read and is still to be had
	err   error  // that ended the body behind it; nil: there may be more
	whole bool   // head is all there is
}

func (p *peeked) Read(to []byte) (n int, err error) {
	switch {
	case len(p.head) > 0:
		n = copy(to, p.head)
		p.head = p.head[n:]
		return n, nil
	case p.err != nil:
		return 0, p.err
	}
	return p.ReadCloser.Read(to)
}

// Held implements ratelimit.Held.
func (p *peeked) Held() (body []byte, whole bool) { return p.head, p.whole }

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
