package wait

import "time"

// Steady is a clock that nobody sets. It begins with the machine's, and goes on from there by what Go calls the monotonic
// clock, whatever becomes of the machine's: an RTC in local time is set back by nine hours as soon as the network is there.
type Steady struct{ since time.Time }

// NewSteady is a clock that begins now.
func NewSteady() Steady { return Steady{time.Now()} }

// At is a time of time.Now, as this clock has it. A time without a monotonic reading, from a file or a database, is left as
// it is: nobody knows which clock it was told by.
func (s Steady) At(now time.Time) time.Time {
	if now.IsZero() {
		return now
	}
	return s.since.Add(now.Sub(s.since))
}

// Shift is how far the machine's clock was ahead of this one at a time of time.Now: how far it was set on, or less than 0,
// back; and how long the machine was asleep, since then only the machine's clock goes on.
func (s Steady) Shift(now time.Time) time.Duration { return now.Round(0).Sub(s.At(now).Round(0)) }
