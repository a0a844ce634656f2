package schedule

import "time"

// Config is what a Planner goes by.
type Config struct {
	Jobs []Job
	Zone *time.Location // in which the carrier's days and months turn

	// Thresholds are the shares of a month's volume, from high to low, at which something is to be known as soon as
	// only so much is left. The first is what is near its cap; a target may have a value of its own for it.
	Thresholds []float64

	MinInterval time.Duration // no target is asked more often
	MinWorth    time.Duration // the delay that a request must be expected to save before it is put ahead of its time
	Burst       int           // requests that may be due at once after a pause
}

// DefaultConfig has no jobs.
func DefaultConfig() Config {
	return Config{
		Zone:        time.FixedZone("Asia/Tokyo", 9*60*60),
		Thresholds:  []float64{0.2, 0.05, 0},
		MinInterval: time.Minute,
		MinWorth:    100 * time.Millisecond,
		Burst:       1,
	}
}

// Job is one question that is put about many targets.
type Job struct {
	Name     string
	Interval time.Duration // at which every target is asked when the budget suffices, above 0
	MaxAge   time.Duration // which no target's age exceeds while the budget can keep it; 0: four intervals

	// Share is the job's part of a budget that does not suffice, relative to the other jobs'; 0: as much as it needs of
	// what all need. What a job does not use is the others'.
	Share float64
}

// maxAge is the bound that holds.
func (j Job) maxAge() time.Duration {
	if j.MaxAge <= 0 {
		return 4 * j.Interval
	}
	return max(j.MaxAge, j.Interval)
}
