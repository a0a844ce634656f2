package schedule

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"time"
)

//go:embed proof/table.md
var provenTable string

// Proven is what the planner was measured to do with one model of traffic at one budget: a row of proof/table.md.
type Proven struct {
	Traffic   string        // the model: simulator, bursts, real or alike
	Turn      time.Duration // asking all once takes so long
	Mean, P95 time.Duration // from a crossing to the answer that shows it
}

// ProvenDelays are all rows of the planner, of one model of traffic after the other, by rising Turn.
func ProvenDelays() (all []Proven) {
	for row := range strings.Lines(provenTable) {
		cells := strings.Split(row, "|")
		if len(cells) < 10 || strings.TrimSpace(cells[4]) != "kaisen" {
			continue
		}
		lines, _ := strconv.ParseFloat(strings.TrimSpace(cells[2]), 64)
		rate, _ := strconv.ParseFloat(strings.TrimSpace(cells[3]), 64)
		all = append(all, Proven{Traffic: strings.TrimSpace(cells[1]), Turn: time.Duration(lines / rate * float64(time.Second)),
			Mean: provenTime(cells[7]), P95: provenTime(cells[9])})
	}
	return all
}

// provenTime reads a cell such as 1.9 min.
func provenTime(cell string) time.Duration {
	number, unit, _ := strings.Cut(strings.TrimSpace(cell), " ")
	n, _ := strconv.ParseFloat(number, 64)
	return time.Duration(n * float64(map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}[unit]))
}

// ProvenDelay is the delay with a model of traffic where asking all takes a turn: between the measured ones that of a straight
// line through their logarithms, below the shortest that of the shortest, above the longest as much of the turn as there.
func ProvenDelay(traffic string, turn time.Duration) (mean, p95 time.Duration) {
	var below, above Proven
	for _, row := range ProvenDelays() {
		if row.Traffic != traffic {
			continue
		}
		if row.Turn <= turn && row.Turn > below.Turn {
			below = row
		}
		if row.Turn >= turn && (above.Turn == 0 || row.Turn < above.Turn) {
			above = row
		}
	}
	switch {
	case above.Turn == 0:
		by := float64(turn) / float64(below.Turn)
		return time.Duration(by * float64(below.Mean)), time.Duration(by * float64(below.P95))
	case below.Turn == 0 || above.Turn == below.Turn:
		return above.Mean, above.P95
	}
	part := math.Log(float64(turn)/float64(below.Turn)) / math.Log(float64(above.Turn)/float64(below.Turn))
	between := func(a, b time.Duration) time.Duration {
		return time.Duration(float64(a) * math.Pow(float64(b)/float64(a), part))
	}
	return between(below.Mean, above.Mean), between(below.P95, above.P95)
}
