// Package waittest makes the times that time.Now returns on a machine whose clock was set. It is for tests alone, because
// there is no way to do that but to know how a time.Time lies in memory.
package waittest

import (
	"fmt"
	"time"
	"unsafe"
)

// Set is what time.Now would have returned in place of now, had the machine's clock been set by so much, whole seconds,
// since the process began: the time of day is another, the monotonic reading the same. It panics for a time without that.
func Set(now time.Time, by time.Duration) time.Time {
	const nanosecondBits = 30
	set := now
	*(*int64)(unsafe.Pointer(&set)) += int64(by/time.Second) << nanosecondBits // the first word: flag, seconds, nanoseconds
	if set.Sub(now) != 0 || set.Round(0).Sub(now.Round(0)) != by {
		panic(fmt.Sprintf("%v set by %v is %v", now, by, set))
	}
	return set
}
