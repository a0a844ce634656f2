// Package wait has the ways in which goroutines let time pass: all of them end with a context.
//
// It schedules nothing and keeps no rate: that is for those who know what they wait for.
package wait

import (
	"context"
	"time"
)

// For waits for d. It returns nil afterwards, and ctx.Err() at once where ctx has ended or ends before.
func For(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Until asks done at once, and again after each pause, until it is true or ctx ends; the error is ctx.Err().
func Until(ctx context.Context, pause time.Duration, done func() bool) error {
	for !done() {
		if err := For(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}

// Backoff is the pauses between the tries of something that fails: Min, then twice as long each time, at most Max.
// The zero value of the rest is ready to use. It is not safe for concurrent use.
type Backoff struct {
	Min, Max time.Duration
	last     time.Duration
}

// Next returns how long to pause now.
func (b *Backoff) Next() time.Duration {
	if b.last == 0 {
		b.last = b.Min
	} else {
		b.last = min(2*b.last, b.Max)
	}
	return b.last
}

// Reset begins with Min again.
func (b *Backoff) Reset() { b.last = 0 }
