package collector

import (
	"math"
	"time"

	"kaisen/collector/schedule"
)

// Pace is how often an item is asked about, and why.
type Pace struct {
	Fixed           bool // at its place in the job's interval, whatever its figures say
	schedule.Reason      // of a fixed pace: the interval, or until when the item is suspended
}

// LinePacer is a Collector that can say how often it asks about a line's volume.
type LinePacer interface {
	// LinePace is false of a line that is not asked about here, and until its pace is known.
	LinePace(contractID, lineNo string) (Pace, bool)
}

// Pace is how often a question is put about an item of a job: by a plan, or once in the job's interval where that is nil.
func (e *Engine) Pace(job string, question int, plan *Plan, item Target) (Pace, bool) {
	if plan != nil {
		reason, known := plan.Reason(item)
		return Pace{Reason: reason}, known
	}
	pace := Pace{Fixed: true, Reason: schedule.Reason{Interval: e.Jobs[job].Interval, Left: math.NaN(), Threshold: math.NaN()}}
	if until := item.pollState().suspendedUntil(question); until.After(time.Now()) {
		pace.Class, pace.Due = schedule.Suspended, until
	}
	return pace, pace.Interval > 0
}
