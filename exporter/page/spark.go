package page

import (
	"fmt"
	"math"
	"strings"

	"kaisen/exporter/fleet"
	"kaisen/internal/volume"
)

// Spark is a small drawing of a line's last days, for a table: one path of all closed days, one of today.
type Spark struct {
	Width, Height     float64
	Title             string
	Past, Today, Gaps string // of SVG paths
}

// spark draws days. Its heights are shares of its own largest day: what it shows is the habit.
func (w words) spark(d fleet.Days) Spark {
	const step, bar, floor = 5.0, 4.0, 1.0
	s := Spark{Width: step * float64(len(d.Bytes)), Height: 26, Title: w.summary(d)}
	largest := largestOf(d)
	var past, gaps strings.Builder
	for i, bytes := range d.Bytes {
		x := step * float64(i)
		if math.IsNaN(bytes) {
			fmt.Fprintf(&gaps, "M%g %gh1.5", x+0.75, s.Height-0.5)
			continue
		}
		height := floor
		if largest > 0 {
			height += (s.Height - floor) * bytes / largest
		}
		path := fmt.Sprintf("M%g %gv%.1fh%gv%.1fz", x, s.Height, -height, bar, height)
		if i == len(d.Bytes)-1 {
			s.Today = path
		} else {
			past.WriteString(path)
		}
	}
	s.Past, s.Gaps = past.String(), gaps.String()
	return s
}

// summary says what a drawing of days shows.
func (w words) summary(d fleet.Days) string {
	total, most, at := 0.0, -1.0, 0
	for i, bytes := range d.Bytes {
		if math.IsNaN(bytes) {
			continue
		}
		total += bytes
		if bytes > most {
			most, at = bytes, i
		}
	}
	if most < 0 {
		return w.say("days.unknown")
	}
	return w.say("days.summary", volume.Text(uint64(total)), w.day(d.Day(at)), volume.Text(uint64(most)))
}

// largestOf is what was used on the largest day.
func largestOf(d fleet.Days) float64 {
	largest := 0.0
	for _, bytes := range d.Bytes {
		if bytes > largest { // NaN is not
			largest = bytes
		}
	}
	return largest
}
