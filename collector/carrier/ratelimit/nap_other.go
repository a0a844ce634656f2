//go:build !linux

package ratelimit

import "time"

// napAhead is 0: timers are exact enough, or there is nothing better.
const napAhead time.Duration = 0

func nap(time.Duration) {}
