package page

import (
	"fmt"
	"math"
	"net/http"
	"time"

	"kaisen/schema"
)

// Pace is how often the carrier is asked about a line, and why.
type Pace struct {
	Class     string              // FixedPace, or what an adaptive schedule calls it: routine, urgent, …
	Every     time.Duration       // from the last answer to the next question; 0: there was no answer yet
	Due       time.Time           // the next question of a line that is suspended
	Left      schema.Opt[float64] // share of the month's volume, 0 to 1
	Threshold schema.Opt[float64] // the next that it comes to, a share left
	Crossing  time.Time           // when it is expected to; zero: not in sight
	Failures  int                 // in a row
	Pool      bool                // the figures are its share group's
}

// FixedPace is the class of a line that is asked once in the interval of the configuration.
const FixedPace = "fixed"

// PaceText is a pace in the language that a request prefers; nil is one that is not known.
func (p *Pages) PaceText(r *http.Request, pace *Pace, now time.Time) string {
	chosen, _ := p.choose(r)
	return p.words[chosen].pace(pace, now)
}

// pace is a pace as a person reads it at a time: "every 4 minutes: 3 % left, empty in 50 minutes".
func (w words) pace(p *Pace, now time.Time) string {
	switch {
	case p == nil:
		return w.say("pace.unknown")
	case p.Class == "suspended":
		return w.say("pace.suspended", p.Due.In(now.Location()).Format(w.say("format.clock")))
	}
	why := w.why(*p, now)
	if p.Pool {
		why = w.say("pace.pool", why)
	}
	if p.Every <= 0 {
		return why
	}
	return w.say("pace.every", w.lasting(p.Every), why)
}

// why is the reason of a pace. What is left and where that leads says more than the class, where the class is no more than that.
func (w words) why(p Pace, now time.Time) string {
	switch {
	case p.Class == "failing":
		return w.say("pace.failures", p.Failures)
	case p.Every <= 0:
		return w.say("pace.never")
	}
	class := w.say("pace.class." + p.Class)
	if p.Class == FixedPace || !p.Left.Known {
		return class
	}
	why := w.say("pace.left", part(p.Left.V))
	if p.Class != "urgent" && p.Class != "watch" && p.Class != "routine" {
		why = w.say("pace.and", class, why)
	}
	if p.Crossing.IsZero() || !p.Threshold.Known {
		return why
	}
	return w.say("pace.and", why, w.crossing(p.Threshold.V, p.Crossing.Sub(now)))
}

// crossing is when a share of the volume is all that is left.
func (w words) crossing(threshold float64, in time.Duration) string {
	switch {
	case threshold == 0 && in <= 0:
		return w.say("pace.empty_soon")
	case threshold == 0:
		return w.say("pace.empty", w.lasting(in))
	case in <= 0:
		return w.say("pace.crossing_soon", part(threshold))
	}
	return w.say("pace.crossing", part(threshold), w.lasting(in))
}

// part is a share without decimals that say nothing: 3 %, 0.25 %.
func part(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

// lasting is a duration in its largest unit that makes at least two, rounded; a minute is one.
func (w words) lasting(d time.Duration) string {
	in := func(unit time.Duration) int { return int(math.Round(d.Seconds() / unit.Seconds())) }
	switch {
	case in(time.Second) < 120 && in(time.Second) != 60:
		return w.says("pace.seconds", in(time.Second))
	case in(time.Minute) < 120:
		return w.says("pace.minutes", in(time.Minute))
	case in(time.Hour) < 48:
		return w.says("pace.hours", in(time.Hour))
	}
	return w.says("pace.days", in(24*time.Hour))
}
