package app

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kaisen/collector"
	"kaisen/internal/spool"
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

// notes are what a person should know although kaisen is ready: contracts whose list cannot be had now, what the carrier has
// paused, and names that are not those of the file.
func (a *App) notes() []string {
	notes := append(a.reloads.notes(), a.names.notes(a.fleet.Unlisted)...)
	for _, account := range a.inForce() {
		if err := account.Trouble(); err != nil {
			notes = append(notes, err.Error())
		}
		notes = append(notes, account.client.Notes()...)
	}
	if store, spool := a.outbox.Troubles(); store != nil && spool == nil {
		notes = append(notes, fmt.Sprintf("the database takes no rows, they wait in the spool: %v", store))
	}
	if batches := a.outbox.keptAside(); batches > 0 {
		notes = append(notes, fmt.Sprintf("batches in the spool that cannot be read: %d; they are kept aside in files of %s, which kaisen spool recover names", batches, a.outbox.cfg.Dir))
	}
	if files, _ := spool.DamagedFiles(a.outbox.cfg.Dir); len(files) > 0 {
		notes = append(notes, fmt.Sprintf("files of the spool that were damaged: %s; kaisen spool recover stores what can be read of them", strings.Join(files, ", ")))
	}
	return notes
}

// ready is nil when the store answers, rows have a place to go to, every account's lines are known, and the carrier answers it.
func (a *App) ready() error {
	problems := []error{a.store.ready()}
	switch store, spool := a.outbox.Troubles(); {
	case spool != nil && store != nil:
		problems = append(problems, fmt.Errorf("neither the database nor the spool takes rows, and sweeps wait: %w; %w", store, spool))
	case spool != nil:
		problems = append(problems, fmt.Errorf("the spool takes no rows, and sweeps wait: %w", spool))
	}
	for _, account := range a.inForce() {
		problems = append(problems, account.ready(a.watched()))
	}
	return errors.Join(problems...)
}
