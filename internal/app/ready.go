package app

import (
	"fmt"
	"time"

	"kaisen/collector"
)

// leastPatience is how long the carrier may answer an account badly before that is no longer what happens every day: as
// long as the alerts on the carrier look back.
const leastPatience = 15 * time.Minute

// patienceOf is how long the carrier may answer badly for: three times the shortest interval at which it is asked.
func patienceOf(jobs map[string]collector.JobConfig) time.Duration {
	var shortest time.Duration
	for _, job := range jobs {
		if job.Interval > 0 && (shortest == 0 || job.Interval < shortest) {
			shortest = job.Interval
		}
	}
	return max(leastPatience, 3*shortest)
}

// firstWithin is how soon something is asked of an account once it is watched, unless its jobs rest.
const firstWithin = 2 * time.Second

// ready is nil when the carrier answers the account and its lines are known. What the database remembers of them is not
// enough: with a secret that is refused nothing comes to it.
func (a *account) ready(watched time.Duration) error {
	switch err := a.client.Standing(a.patience); {
	case !a.Running():
		return fmt.Errorf("source %s is not watched yet: what the database remembers comes first", a.name)
	case err != nil:
		return err
	case watched < firstWithin && a.client.Stats().Requests == 0:
		return fmt.Errorf("source %s is not watched yet: nothing has been asked", a.name)
	}
	return a.Ready()
}

// watched is how long the accounts have been; as long as one likes where that is not for long anyway.
func (a *App) watched() time.Duration {
	if began := a.began.Load(); began != nil {
		return time.Since(*began)
	}
	return firstWithin
}
