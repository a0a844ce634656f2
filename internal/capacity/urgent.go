package capacity

import (
	"time"

	"kaisen/collector/schedule"
)

// Urgency is the requests an hour that an adaptive schedule asks beyond once an interval, for lines that are about to cross a
// threshold, as far as the limit lets it. It is what fleets were measured to ask that use as the simulator's lines do
// (schedule.Urgency): how much of a volume a line uses, and when, is not in a configuration.
type Urgency struct {
	Mean float64                       `json:"mean_per_hour"` // over a month
	Days [schedule.DaysOfMonth]float64 `json:"days_per_hour"` // from the first of a month to the last
}

// add adds that of a job.
func (u *Urgency) add(interval time.Duration, items float64) {
	for d, each := range schedule.Urgency(interval, items) {
		u.Days[d] += items * each
	}
}

// bound keeps to what a limit leaves.
func (u *Urgency) bound(left float64) {
	if u == nil {
		return
	}
	for d := range u.Days {
		u.Days[d] = min(u.Days[d], max(0, left))
		u.Mean += u.Days[d] / schedule.DaysOfMonth
	}
}

// busiest is the day of the month with the most.
func (u *Urgency) busiest() (day int, most float64) {
	for d, n := range u.Days {
		if n > most {
			day, most = d+1, n
		}
	}
	return day, most
}
