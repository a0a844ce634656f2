package carrier

import (
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 10 * time.Second
	// throttlesPerAttempt is how much more often a call may be throttled than fail: being throttled is the account's
	// affair, and the budget, not the call, has to find the rate.
	throttlesPerAttempt = 3
	// downsPerCall is how many answers of maintenance one call takes: the first, and that of the probe which shows that it lasts.
	// Others have to be able to ask then, since it may be about this call alone.
	downsPerCall = 2
)

// retries decides whether one call is worth another request. Network failures, 500, 502, 504, 429 and 503 are; what
// the carrier has understood and refused is not, nor is an answer that is malformed or too large, because the next
// one would be the same. Who has waited for failures as long as for the slowest answer gives up: while a call waits it keeps
// one of the few requests in flight from others, and what hangs once is likely to hang again. Of a request that changes something only those are sent again that the carrier certainly
// did not carry out: under "System Maintainance", and those that never left for want of a token.
type retries struct {
	attempts  int           // MaxAttempts
	patience  time.Duration // Timeout
	changing  bool          // what was perhaps done is never asked for twice
	failures  int
	waited    time.Duration // for failures
	throttles int
	downs     int  // answers of maintenance
	renewed   bool // the token was dropped once
}

// again reports whether to try again after err, and how long to wait before. Throttled requests do not wait here but
// in the budget, where they keep their order.
func (r *retries) again(err *Error) (wait time.Duration, ok bool) {
	if err.Status == 0 && err.Kind != KindNetwork { // the budget gave up on the caller's behalf
		return 0, false
	}
	if r.changing && err.Operation != tokenOperation && (err.Kind != KindMaintenance || err.Indeterminate) {
		return 0, false
	}
	switch err.Kind {
	case KindMaintenance:
		r.downs++
		return 0, r.changing || r.downs < downsPerCall // the budget waits until it is over
	case KindThrottled:
		r.throttles++
		return 0, r.throttles < throttlesPerAttempt*r.attempts
	case KindNetwork:
		r.failures++
	case KindServer:
		switch err.Status { // another 5xx will not be gone the next time
		case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
			r.failures++
		default:
			return 0, false
		}
	default:
		return 0, false
	}
	r.waited += err.took
	backoff := min(firstBackoff<<min(r.failures-1, 10), longestBackoff)
	return backoff/2 + rand.N(backoff/2), r.failures < r.attempts && r.waited < r.patience
}
