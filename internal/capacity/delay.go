package capacity

import (
	"time"

	"kaisen/collector"
	"kaisen/collector/schedule"
)

// mostOften is how often an hour an adaptive schedule asks about the same item at most.
func mostOften() float64 { return collector.PerHour(schedule.DefaultConfig().MinInterval) }

// provenInterval is the longest interval that collector/schedule/proof measured delays with.
const provenInterval = 15 * time.Minute

// inTurn is the delay where each item is asked once a turn, and crosses at any time of it.
func inTurn(turn time.Duration) *Delay {
	seconds := turn.Seconds()
	return &Delay{Mean: seconds / 2, P95: 0.95 * seconds, AtMost: seconds,
		Basis: "arithmetic: each is asked once a turn and crosses at any time of it"}
}

// plannedItems is how many items a plan orders: members of share groups, which are asked less often, are outside of it.
func (j *Job) plannedItems(interval time.Duration) float64 {
	return min(j.Items, j.PerHour*interval.Hours())
}

// planned is what comes of a job whose questions a plan orders, with so many requests an hour for it.
func (j *Job) planned(interval, maxAge time.Duration, perHour float64) {
	items := j.plannedItems(interval)
	perHour *= items / (j.PerHour * interval.Hours()) // the rest is lists
	turn := times(time.Hour, items/perHour)
	bound := schedule.Job{Name: j.Job, Interval: interval, MaxAge: maxAge}.Bound(items, perHour/3600)
	if interval > provenInterval { // who is asked less often is known less well
		turn = max(turn, interval)
	}
	mean, p95 := schedule.ProvenDelay("simulator", turn)
	burstsMean, burstsP95 := schedule.ProvenDelay("bursts", turn)
	j.WorstAge = bound.Seconds()
	most := inTurn(bound) // where each is asked more often than the proof did, it is no worse than in turn
	j.Delay = &Delay{Mean: min(mean.Seconds(), most.Mean), P95: min(p95.Seconds(), most.P95),
		BurstsMean: min(burstsMean.Seconds(), most.Mean), BurstsP95: min(burstsP95.Seconds(), most.P95), AtMost: most.AtMost,
		Basis: "measured over 30 simulated days (collector/schedule/proof/table.md), with habits and with bursts; where all lines do the same at once it is that of asking in turn"}
}
