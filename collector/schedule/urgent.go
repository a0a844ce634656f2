package schedule

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"time"
)

//go:embed urgent.csv
var urgentTable string

// DaysOfMonth is how many days the longest month has.
const DaysOfMonth = 31

// Urgency is how many requests an hour urgency asks of each target beyond one an interval, on each day of a month, where a plan has
// so many targets and a budget that lets it: as the planner was measured to do, once it has known its targets for some days, with
// fleets that use as the simulator's do. It is in urgent.csv, which go run ./collector/schedule/proof -urgent 5m,15m,1h makes: a
// row has the interval in minutes, the targets, and the days. Between rows it is on a straight line over the logarithms of
// interval and targets; beyond them it is that of the nearest, and none where the interval is the shortest that there is.
func Urgency(interval time.Duration, targets float64) (days [DaysOfMonth]float64) {
	rows := urgentRows()
	shortest := DefaultConfig().MinInterval
	if interval <= shortest || targets <= 0 {
		return days
	}
	below, above := nearest(rows, interval.Minutes(), func(r urgentRow) float64 { return r.minutes })
	if interval.Minutes() < below {
		part := float64(interval-shortest) / (below*float64(time.Minute) - float64(shortest))
		for d, n := range urgencyAt(rows, below, targets) {
			days[d] = part * n
		}
		return days
	}
	return between(urgencyAt(rows, below, targets), urgencyAt(rows, above, targets), partOf(interval.Minutes(), below, above))
}

// urgentRow is a row of the table.
type urgentRow struct {
	minutes, targets float64
	days             [DaysOfMonth]float64
}

func urgentRows() (rows []urgentRow) {
	for line := range strings.Lines(urgentTable) {
		var row urgentRow
		for i, cell := range strings.Split(strings.TrimSpace(line), ",") {
			n, _ := strconv.ParseFloat(cell, 64)
			switch i {
			case 0:
				row.minutes = n
			case 1:
				row.targets = n
			default:
				row.days[i-2] = n
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// urgencyAt is that of an interval of the table.
func urgencyAt(rows []urgentRow, minutes, targets float64) (days [DaysOfMonth]float64) {
	var of []urgentRow
	for _, row := range rows {
		if row.minutes == minutes {
			of = append(of, row)
		}
	}
	below, above := nearest(of, targets, func(r urgentRow) float64 { return r.targets })
	var low, high [DaysOfMonth]float64
	for _, row := range of {
		if row.targets == below {
			low = row.days
		}
		if row.targets == above {
			high = row.days
		}
	}
	return between(low, high, partOf(targets, below, above))
}

// nearest are the values of rows on both sides of one, or twice that of the nearest.
func nearest(rows []urgentRow, value float64, of func(urgentRow) float64) (below, above float64) {
	below, above = math.Inf(-1), math.Inf(1)
	least, most := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		v := of(row)
		least, most = min(least, v), max(most, v)
		if v <= value {
			below = max(below, v)
		}
		if v >= value {
			above = min(above, v)
		}
	}
	return max(below, least), min(above, most)
}

// partOf is how far a value is from one to another.
func partOf(value, below, above float64) float64 {
	if above <= below {
		return 0
	}
	return min(1, max(0, math.Log(value/below)/math.Log(above/below)))
}

func between(low, high [DaysOfMonth]float64, part float64) (days [DaysOfMonth]float64) {
	for d := range days {
		days[d] = low[d] + part*(high[d]-low[d])
	}
	return days
}
