package gateway

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// clock is the carrier's own time: it starts anywhere, runs at any speed, and can be set. Only what the carrier
// says follows it (figures, logs, the Date header); what it does to a client (rate limit, latency, life of a
// token, windows of faults) is in real time.
type clock struct {
	mu   sync.RWMutex
	base time.Time // virtual, at the real time set
	set  time.Time
	rate float64 // virtual seconds a real second; 0: frozen
}

// maxSpeed keeps a day from passing between two requests of the slowest useful client.
const maxSpeed = 1e6

func newClock(start time.Time, speed float64) *clock {
	return &clock{base: start, set: time.Now(), rate: speed}
}

// now is the virtual time.
func (c *clock) now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.at(time.Now())
}

func (c *clock) at(real time.Time) time.Time {
	return c.base.Add(time.Duration(float64(real.Sub(c.set)) * c.rate))
}

func (c *clock) speed() float64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.rate
}

// ClockChange is what POST /_sim/clock takes: what is absent stays as it is.
type ClockChange struct {
	Now     time.Time `json:"now,omitzero"`     // the virtual time from here on
	Advance string    `json:"advance,omitzero"` // then this much later ("10m") or earlier ("-1h")
	Speed   *float64  `json:"speed,omitzero"`   // virtual seconds a real second, 0 to 1,000,000
}

// change applies a change whole or, where any part of it is impossible, not at all.
func (c *clock) change(ch ClockChange) error {
	var errs []error
	var advance time.Duration
	if ch.Advance != "" {
		var err error
		if advance, err = time.ParseDuration(ch.Advance); err != nil {
			errs = append(errs, fmt.Errorf("advance %q: not a duration such as 10m", ch.Advance))
		}
	}
	if ch.Speed != nil {
		errs = append(errs, CheckSpeed(*ch.Speed))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	real := time.Now()
	next := c.at(real)
	if !ch.Now.IsZero() {
		next = ch.Now
	}
	next = next.Add(advance)
	if y := next.Year(); y < 1975 || y > 2200 {
		errs = append(errs, fmt.Errorf("now: year %d is outside 1975 to 2200", y))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.base, c.set = next, real
	if ch.Speed != nil {
		c.rate = *ch.Speed
	}
	return nil
}

// CheckSpeed returns what is wrong with a speed of the virtual clock.
func CheckSpeed(speed float64) error {
	if math.IsNaN(speed) || speed < 0 || speed > maxSpeed {
		return fmt.Errorf("speed %v: must be 0 (frozen) to %d", speed, int(maxSpeed))
	}
	return nil
}
