package page

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/internal/volume"
	"kaisen/schema"
)

// Month is the drawing of a line's month: what it used so far, its volume, and where it is heading.
type Month struct {
	plot
	Title         string
	Y, X          []Tick
	Used, Area    string // paths: the line of what was used, and what is below it
	Heading, Band string // paths: the forecast, and its 80 % band
	NowX, NowY    float64
	QuotaY        float64 // 0: no volume is known
	QuotaText     string
	OutX          float64 // where the forecast meets the volume; 0: nowhere
	OutText       string
}

// InnerX is where a text inside the drawing begins.
func (m Month) InnerX() float64 { return m.Left + 6 }

// OutTextY is the base of OutText: near the ground, where the least else is.
func (m Month) OutTextY() float64 { return m.BottomEdge() - 8 }

// OutTextAnchor is which end of OutText is at OutX: it stays inside the drawing.
func (m Month) OutTextAnchor() string {
	if m.OutX > m.x(0.6) {
		return "end"
	}
	return "start"
}

// OutTextDX keeps OutText off its line.
func (m Month) OutTextDX() float64 {
	if m.OutTextAnchor() == "end" {
		return -6
	}
	return 6
}

// Empty reports whether there is nothing to draw.
func (m Month) Empty() bool { return m.Used == "" }

// month draws the carrier's current month of a line.
func (w words) month(d Detail) Month {
	m := Month{plot: plot{Width: 1040, Height: 280, Left: 22, Top: 18, Right: 70, Bottom: 28}}
	if !d.Used.Known || d.CarrierNow.IsZero() {
		return m
	}
	start, end := monthOf(d.CarrierNow.In(d.Now.Location()))
	along := func(t time.Time) float64 { return m.x(min(max(float64(t.Sub(start))/float64(end.Sub(start)), 0), 1)) }
	axis := scaleTo(highest(d))
	height := func(bytes float64) float64 { return m.y(axis.share(bytes)) }

	m.Title = w.monthTitle(d)
	m.Y = axis.ticks(m.plot)
	for day := start; day.Before(end); day = day.AddDate(0, 0, 7) {
		m.X = append(m.X, Tick{At: along(day), Text: w.day(schema.DateOf(day))})
	}
	m.NowX, m.NowY = along(d.CarrierNow), height(float64(d.Used.V))
	m.drawUsed(d, start, along, height)
	if quota := ownQuota(d); quota.Known && quota.V > 0 {
		m.QuotaY, m.QuotaText = height(float64(quota.V)), w.say("month.quota", volume.Text(quota.V))
	}
	if f := d.Forecast; f.Known {
		way := func(turn fleet.Moment, bytes uint64) []string {
			return heading(m, turn, fmt.Sprintf("%.1f %.1f", along(end), height(float64(bytes))), along)
		}
		m.Heading = "M" + strings.Join(way(f.Out, f.End), "L")
		back := way(f.Late, f.Low)
		slices.Reverse(back)
		m.Band = "M" + strings.Join(append(way(f.Early, f.High), back...), "L") + "z"
		if f.Out.Known() && f.Out.In > 0 && m.QuotaY > 0 {
			m.OutX, m.OutText = along(f.Out.At), w.say("month.out", f.Out.At.Format(w.say("format.clock")))
		}
	}
	return m
}

// heading is the way from now to the month's end. Where the volume runs out before, it turns there: the carrier slows the
// line.
func heading(m Month, turn fleet.Moment, end string, along func(time.Time) float64) []string {
	points := []string{fmt.Sprintf("%.1f %.1f", m.NowX, m.NowY)}
	if turn.Known() && turn.In > 0 && m.QuotaY > 0 {
		points = append(points, fmt.Sprintf("%.1f %.1f", along(turn.At), m.QuotaY))
	}
	return append(points, end)
}

// drawUsed goes back from what the carrier says of the month, a day at a time, as far as the days are known.
func (m *Month) drawUsed(d Detail, start time.Time, along func(time.Time) float64, height func(float64) float64) {
	points := []string{fmt.Sprintf("%.1f %.1f", m.NowX, m.NowY)}
	used := float64(d.Used.V)
	for i := len(d.Days.Bytes) - 1; i >= 0; i-- {
		midnight := dayStart(d.Days.Day(i), start.Location())
		if midnight.Before(start) || math.IsNaN(d.Days.Bytes[i]) {
			break
		}
		used = max(used-d.Days.Bytes[i], 0)
		points = append(points, fmt.Sprintf("%.1f %.1f", along(midnight), height(used)))
	}
	m.Used = "M" + strings.Join(points, "L")
	m.Area = m.Used + fmt.Sprintf("V%.1fH%.1fz", height(0), m.NowX)
}

func (w words) monthTitle(d Detail) string {
	parts := []string{w.say("month.used", volume.Text(d.Used.V))}
	if quota := ownQuota(d); quota.Known {
		parts = append(parts, w.say("month.quota", volume.Text(quota.V)))
	}
	if f := d.Forecast; f.Known {
		parts = append(parts, w.say("month.heading", volume.Text(f.End), volume.Text(f.Low), volume.Text(f.High)))
	}
	return strings.Join(parts, "; ")
}

// highest is the largest volume in the drawing of a month. A forecast that leaves the volume far behind would press the
// rest to the ground, so it is cut.
func highest(d Detail) float64 {
	largest := float64(d.Used.V)
	ceiling := math.Inf(1)
	if quota := ownQuota(d); quota.Known && quota.V > 0 {
		largest = max(largest, float64(quota.V)*1.05)
		ceiling = 2 * largest
	}
	if d.Forecast.Known {
		largest = max(largest, min(float64(d.Forecast.High), ceiling))
	}
	return largest
}

// ownQuota is the volume that the drawing is measured by. A group's is not the line's alone: the page has it beside.
func ownQuota(d Detail) schema.Opt[uint64] {
	if d.OfPool {
		return schema.Opt[uint64]{}
	}
	return d.Quota()
}

func monthOf(t time.Time) (start, end time.Time) {
	year, month, _ := t.Date()
	start = time.Date(year, month, 1, 0, 0, 0, 0, t.Location())
	return start, start.AddDate(0, 1, 0)
}

// dayStart is a day's midnight in a zone.
func dayStart(d schema.Date, zone *time.Location) time.Time {
	year, month, day := d.Time().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}
