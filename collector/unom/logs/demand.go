package logs

import (
	"math"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/api"
)

// Demand is how many requests an hour it takes to keep up with one contract's log, and for its second reading, where the
// log has so many rows a day and they are spread evenly over it. Where they come all at once, windows are halved, and it
// takes up to twice as many.
func Demand(job collector.JobConfig, rowsPerDay float64) (keepUp, again float64) {
	if job.Interval <= 0 {
		return 0, 0
	}
	step := firstStep
	if rowsPerDay > 0 {
		step = min(firstStep, max(lastStep, time.Duration(wantedRows/rowsPerDay*float64(24*time.Hour))))
	}
	span := collector.LogOverlap + job.Interval
	windows := 1.0
	if rows := rowsPerDay * span.Hours() / 24; rows >= api.MaxRows || step < span {
		windows = math.Ceil(float64(span) / float64(step))
	}
	keepUp = windows * collector.PerHour(job.Interval)
	read := min(job.Lookback, reach) - collector.LogOverlap
	perLap := math.Ceil(float64(max(0, read)) / float64(step))
	runs := float64(lap) / float64(job.Interval)
	most := runs * float64(max(fewest, job.Interval/windowTime))
	return keepUp, min(perLap, most) / lap.Hours()
}
