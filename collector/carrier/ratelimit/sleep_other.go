//go:build !linux

package ratelimit

import "time"

// sleepAhead is 0: timers are exact enough, or there is nothing better.
const sleepAhead time.Duration = 0

func preciseSleep(time.Duration) {}
