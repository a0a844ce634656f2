package ratelimit

import (
	"syscall"
	"time"
)

// sleepAhead is how early a timer is set for the precise sleep that follows.
const sleepAhead = 1500 * time.Microsecond

// preciseSleep sleeps for a very short time more exactly than a timer can: Go's timers on Linux wake to the
// millisecond, of which a strict pace of a hundred a second loses half a millisecond a request. It cannot be
// interrupted, and inside a synctest bubble it passes no virtual time, so whoever calls it looks at the clock again.
func preciseSleep(d time.Duration) {
	pause := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&pause, nil) // woken early by a signal: as good as over
}
