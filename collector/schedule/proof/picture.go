package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kaisen/collector/schedule"
	"kaisen/schema"
)

// bar is one policy's delays of one traffic model.
type bar struct {
	model, policy string
	median, p95   float64 // seconds
}

// picture is an SVG with a logarithmic scale of time.
type picture struct {
	strings.Builder
	low, high float64 // seconds
}

const (
	pictureWidth = 760
	plotLeft     = 190
	plotRight    = 740
)

func newPicture(height int, title string, low, high float64) *picture {
	p := &picture{low: low, high: high}
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n",
		pictureWidth, height, pictureWidth, height)
	fmt.Fprintf(p, `<rect width="%d" height="%d" fill="#fff"/><text x="12" y="22" font-size="15">%s</text>`+"\n", pictureWidth, height, title)
	return p
}

func (p *picture) scale(seconds float64) float64 {
	seconds = min(p.high, max(p.low, seconds))
	return math.Log(seconds/p.low) / math.Log(p.high/p.low)
}

func (p *picture) text(x, y float64, anchor, text string) {
	fmt.Fprintf(p, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, text)
}

func (p *picture) line(x1, y1, x2, y2 float64, colour string) {
	fmt.Fprintf(p, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`+"\n", x1, y1, x2, y2, colour)
}

func (p *picture) save(folder, name string) error {
	return os.WriteFile(filepath.Join(folder, name), []byte(p.String()+"</svg>\n"), 0o644)
}

// ticks are the times at which a scale has a line.
func ticks() map[float64]string {
	return map[float64]string{1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 14400: "4 h", 86400: "1 day"}
}

func drawDelays(folder string, bars []bar, caption string) error {
	const top, step = 62.0, 19.0
	bottom := top + float64(len(bars))*step + 24
	p := newPicture(int(bottom)+34, "Crossing to answer, median (dark) and 95th percentile: "+caption, 1, 14400)
	for seconds, name := range ticks() {
		if seconds <= p.high {
			x := plotLeft + p.scale(seconds)*(plotRight-plotLeft)
			p.line(x, 40, x, bottom, "#ddd")
			p.text(x, bottom+18, "middle", name)
		}
	}
	colours := map[string]string{"round-robin": "#999", "oldest-first": "#777", "kaisen": "#0a7", "oracle": "#46c"}
	y, model := top, ""
	for _, b := range bars {
		if b.model != model {
			model = b.model
			y += 6
			p.text(12, y, "start", model)
		}
		p.text(plotLeft-8, y, "end", b.policy)
		for _, part := range []struct {
			seconds, opacity float64
		}{{b.p95, 0.4}, {b.median, 1}} {
			fmt.Fprintf(p, `<rect x="%d" y="%.1f" width="%.1f" height="13" fill="%s" fill-opacity="%.1f"/>`+"\n",
				plotLeft, y-11, max(2, p.scale(part.seconds)*(plotRight-plotLeft)), colours[b.policy], part.opacity)
		}
		p.text(plotLeft+4+max(2, p.scale(b.p95)*(plotRight-plotLeft)), y, "start", short(b.p95))
		y += step
	}
	return p.save(folder, "delays.svg")
}

// drawModel follows one line that uses its volume up evenly in ten days: how long it waits by what is left.
func drawModel(folder string) error {
	const top, bottom = 40.0, 330.0
	p := newPicture(380, "How long a line waits by what is left of its month, at three prices of a request", 30, 14400)
	for seconds, name := range ticks() {
		if seconds >= p.low && seconds <= p.high {
			y := bottom - p.scale(seconds)*(bottom-top)
			p.line(plotLeft-120, y, plotRight, y, "#ddd")
			p.text(plotLeft-128, y+4, "end", name)
		}
	}
	x := func(left float64) float64 { return plotLeft - 120 + (1-left)*(plotRight-plotLeft+120) }
	for _, left := range []float64{1, 0.8, 0.6, 0.4, 0.2, 0.05, 0} {
		p.text(x(left), bottom+18, "middle", fmt.Sprintf("%g %%", left*100))
	}
	for _, left := range schedule.DefaultConfig().Thresholds {
		p.line(x(left), top, x(left), bottom, "#c33")
	}
	p.text(x(0.5), bottom+38, "middle", "left; the red lines are the thresholds")
	for i, worth := range []time.Duration{100 * time.Millisecond, 2 * time.Second, 40 * time.Second} {
		colour := []string{"#0a7", "#46c", "#a50"}[i]
		fmt.Fprintf(p, `<polyline fill="none" stroke="%s" stroke-width="1.5" points="`, colour)
		for _, at := range follow(worth) {
			fmt.Fprintf(p, "%.1f,%.1f ", x(at.left), bottom-p.scale(at.waits.Seconds())*(bottom-top))
		}
		fmt.Fprintln(p, `"/>`)
		p.text(plotLeft-100, bottom-70+float64(i)*18, "start", fmt.Sprintf(`<tspan fill="%s">if a request must save %g s of delay</tspan>`, colour, worth.Seconds()))
	}
	return p.save(folder, "interval.svg")
}

type waited struct {
	left  float64
	waits time.Duration
}

func follow(worth time.Duration) (all []waited) {
	config := schedule.DefaultConfig()
	config.Jobs, config.MinWorth = []schedule.Job{{Name: "traffic", Interval: 4 * time.Hour}}, worth
	p, err := schedule.New(config)
	if err != nil {
		return nil
	}
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, config.Zone)
	h := p.Add(start, 0, schedule.Spec{})
	const volume, perDay = 10 * gib, gib
	days := make([]uint64, 30)
	for i := range days {
		days[i] = perDay
	}
	for now := start; now.Before(start.AddDate(0, 0, 10)); {
		_, due, _ := p.Next(now)
		if due.After(now) {
			now = due
		}
		p.Began(now, h)
		month := uint64(now.Sub(start).Seconds() / 86400 * perDay)
		p.Answered(now, h, schedule.Answer{At: now, Month: month, Remaining: schema.Some(remaining(volume, month)), Days: days})
		if r := p.Reason(h); now.Sub(start) > 12*time.Hour {
			all = append(all, waited{r.Left, r.Interval})
		}
	}
	return all
}
