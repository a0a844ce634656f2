package page

import (
	"time"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// Health is how kaisen itself does, from its own metrics.
type Health struct {
	Jobs    []Job
	Budgets []Budget
	Store   Store
}

// Job is how a job of a source does.
type Job struct {
	Source, Name string
	LastSuccess  time.Time                 // zero: none yet
	Took         schema.Opt[time.Duration] // its last sweep
	Behind       schema.Opt[time.Duration] // how far its oldest item is past its interval
	Failed, Left int                       // items of the last sweep that were given up, or that the interval had no time for
}

// Late reports whether the job's items wait noticeably longer than they should.
func (j Job) Late() bool { return j.Behind.V >= lateAfter }

// lateAfter is how far behind a job may be before anybody should look: waiting a little is what a busy sweep does.
const lateAfter = 2 * time.Minute

// Never reports whether the job has never done its work since kaisen started, so that nothing can be said of how it keeps up.
func (j Job) Never() bool { return j.LastSuccess.IsZero() }

// Budget is how a source's requests fare.
type Budget struct {
	Source    string
	Rate      float64       // requests a second, in force now
	Throttled []fleet.Count // times that the carrier asked for less, by its answer
	Waited    time.Duration
}

// Store is how the rows get to ClickHouse.
type Store struct {
	Waiting     uint64    // bytes of rows that it has not taken yet
	Oldest      time.Time // since when the oldest of them waits; zero: none does
	Full        bool
	Thinned     uint64 // rows given up because the spool was full
	Errors      uint64 // inserts that it did not take
	DeadLetters uint64 // answers that were not understood
}

// Stuck reports whether rows have waited for longer than a restart of ClickHouse takes.
func (s Store) Stuck(now time.Time) bool { return !s.Oldest.IsZero() && now.Sub(s.Oldest) >= lateAfter }

// worst is the job whose items wait longest.
func (h Health) worst() Job {
	var worst Job
	for _, job := range h.Jobs {
		if job.Behind.V > worst.Behind.V {
			worst = job
		}
	}
	return worst
}

// Waiting is how many jobs have never done their work since kaisen started.
func (h Health) Waiting() int {
	n := 0
	for _, job := range h.Jobs {
		if job.Never() {
			n++
		}
	}
	return n
}

// Late reports whether any job is.
func (h Health) Late() bool { return h.worst().Late() }

// MostBehind is how far the worst job is behind.
func (h Health) MostBehind() time.Duration { return h.worst().Behind.V }
