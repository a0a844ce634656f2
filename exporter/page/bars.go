package page

import (
	"math"
	"time"

	"kaisen/internal/volume"
)

// Bars is the large drawing of a line's last days.
type Bars struct {
	plot
	Title  string
	Bars   []Bar
	Y      []Tick
	X      []Tick
	Strips []Strip // when the line was restricted
	Base   float64 // where the bars stand
}

// StripY is where the strips are.
func (b Bars) StripY() float64 { return b.Base + 4 }

// Bar is one day. A day that is not known has no height.
type Bar struct {
	X, Y, W, H float64
	Text       string // the day and its volume
	Today      bool
	Known      bool
}

// Strip is a stretch of time below the bars.
type Strip struct {
	X, W float64
	Text string
}

// bars draws a line's last days, and its restrictions below them.
func (w words) bars(d Detail) Bars {
	b := Bars{plot: plot{Width: 1040, Height: 250, Left: 10, Top: 10, Right: 70, Bottom: 36}, Title: w.summary(d.Days)}
	days := d.Days
	axis := scaleTo(largestOf(days))
	b.Y, b.Base = axis.ticks(b.plot), b.y(0)
	slot := b.w() / float64(max(len(days.Bytes), 1))
	for i, bytes := range days.Bytes {
		bar := Bar{X: b.Left + slot*float64(i) + slot*0.14, W: slot * 0.72, Y: b.Base, Today: i == len(days.Bytes)-1, Known: !math.IsNaN(bytes)}
		day := w.day(days.Day(i))
		if bar.Known {
			bar.Y = b.y(axis.share(bytes))
			bar.H = b.Base - bar.Y
			bar.Text = w.say("days.day", day, volume.Text(uint64(bytes)))
		} else {
			bar.Text = w.say("days.day.unknown", day)
		}
		b.Bars = append(b.Bars, bar)
		if ago := len(days.Bytes) - 1 - i; ago%5 == 0 {
			b.X = append(b.X, Tick{At: bar.X + bar.W/2, Text: day})
		}
	}
	b.Strips = w.strips(d, b.plot)
	return b
}

// strips places the month's restrictions under the days in which they held.
func (w words) strips(d Detail, p plot) []Strip {
	if len(d.Days.Bytes) == 0 {
		return nil
	}
	first := dayStart(d.Days.Day(0), d.Now.Location())
	whole := dayStart(d.Days.Last.AddDays(1), d.Now.Location()).Sub(first)
	share := func(t time.Time) float64 { return min(max(float64(t.Sub(first))/float64(whole), 0), 1) }
	var strips []Strip
	for _, e := range d.Episodes {
		until := e.Until
		if until.IsZero() {
			until = d.CarrierNow
		}
		from, to := p.x(share(e.From)), p.x(share(until))
		strips = append(strips, Strip{X: from, W: max(to-from, 2), Text: w.say("restriction." + e.Restriction)})
	}
	return strips
}
